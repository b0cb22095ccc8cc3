"""Checks of multi-task training, before anything is loaded."""

import re
from collections.abc import Collection

# No underscore: it separates a task's name from those of its metrics.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")
_RESERVED = ("plots", "logs")  # folders of a run


def check_multi_task(
    names: Collection[str],
    validated: Collection[str],
    *,
    sampling_exponent: float,
    monitor_task: str | None,
) -> None:
    """Raises unless tasks can be trained together under these names.

    Args:
        names: Names of the tasks.
        validated: Names of the tasks with validation data.
        sampling_exponent: As in `bert_keras.fit_multi_task`.
        monitor_task: As in `bert_keras.fit_multi_task`.

    Raises:
        ValueError: If a name or an option is not allowed.
    """
    for name in names:
        if not _NAME.fullmatch(name) or name in _RESERVED:
            raise ValueError(
                "Expected names of letters, digits and -, which become "
                f"folders, but not {' or '.join(_RESERVED)}. Received: "
                f"{name!r}"
            )
    if not 0 <= sampling_exponent <= 1:
        raise ValueError(
            "Expected `sampling_exponent` from 0 to 1. Received: "
            f"sampling_exponent={sampling_exponent!r}"
        )
    if monitor_task is not None and monitor_task not in validated:
        raise ValueError(
            "Expected `monitor_task` to name a task with validation data, one "
            f"of: {', '.join(validated) or 'none'}. Received: "
            f"{monitor_task!r}"
        )
