"""Comparisons with other implementations, and a table of how close we are."""

import importlib.util

import numpy as np
import pytest

# What the tests of a marker need beside the usual environment.
NEEDS = {
    "torch": ("torch", "transformers", "sentence_transformers"),
    "garden": ("official",),
    "keras_hub": ("keras_hub",),
}
TOLERANCE = 1e-5
_LARGEST = pytest.StashKey[dict]()


def pytest_runtest_setup(item):
    for marker, modules in NEEDS.items():
        missing = [m for m in modules if not importlib.util.find_spec(m)]
        if missing and item.get_closest_marker(marker):
            target = marker.replace("_", "-")
            pytest.skip(f"no {', '.join(missing)}: run make test-{target}")


@pytest.fixture
def compare(request):
    """Asserts that two arrays agree, and keeps the largest difference."""
    largest = request.config.stash.setdefault(_LARGEST, {})
    group = request.node.name

    def check(what, received, expected):
        received = np.asarray(received, "float64")
        expected = np.asarray(expected, "float64")
        assert received.shape == expected.shape
        difference = np.max(np.abs(received - expected), initial=0.0)
        size = np.max(np.abs(expected), initial=0.0)
        key = (group, what.split("/")[0])
        before = largest.get(key, (0.0, 0.0))
        largest[key] = (max(difference, before[0]), max(size, before[1]))
        assert difference < TOLERANCE, what

    return check


def pytest_terminal_summary(terminalreporter, config):
    """Prints what was compared, how large it is and how far off."""
    largest = config.stash.get(_LARGEST, {})
    if largest:
        terminalreporter.section("largest absolute differences")
    for (group, what), (difference, size) in largest.items():
        terminalreporter.line(
            f"{difference:.1e} of values up to {size:6.2f}  {group}  {what}"
        )
