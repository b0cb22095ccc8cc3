"""What answers at once loads nothing heavy.

TensorFlow takes seconds to import. A test of the time itself would fail on a
busy machine and pass on a fast one, so these look at what is imported.
"""

import subprocess
import sys

import pytest
import typer

from bert_keras.cli.main import app

HEAVY = {
    "google",
    "h5py",
    "jax",
    "keras",
    "matplotlib",
    "numpy",
    "pandas",
    "safetensors",
    "scipy",
    "sklearn",
    "tensorflow",
    "tensorflow_text",
    "torch",
}
VERBS = sorted(typer.main.get_command(app).commands)


def imported(*arguments) -> set[str]:
    """Runs Python and returns the top-level names of what it imported."""
    finished = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    lines = finished.stderr.splitlines()
    return {
        line.rsplit("|", 1)[1].strip().split(".")[0]
        for line in lines
        if line.startswith("import time:")
    }


def test_heavy_import_is_seen():
    assert HEAVY & imported("-c", "import numpy") == {"numpy"}


@pytest.mark.parametrize(
    "statement",
    [
        "import bert_keras",
        "import bert_keras; dir(bert_keras); bert_keras.__version__",
        "from bert_keras.serving import saved_model",
    ],
)
def test_import_is_light(statement):
    assert HEAVY & imported("-c", statement) == set()


@pytest.mark.parametrize("package", ["checkpoints", "export", "handles"])
def test_files_are_read_without_tensorflow(package):
    found = imported("-c", f"import bert_keras.{package}")
    assert found.isdisjoint({"h5py", "keras", "tensorflow", "torch"})


@pytest.mark.parametrize(
    "arguments",
    [["--help"], *([verb, "--help"] for verb in VERBS)],
    ids=" ".join,
)
def test_help_is_light(arguments):
    found = imported("-m", "bert_keras", *arguments)
    assert "typer" in found
    assert HEAVY & found == set()
