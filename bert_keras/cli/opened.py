"""A folder to ask: a trained task or an exported version, alike."""

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from bert_keras import contract


@dataclasses.dataclass(frozen=True)
class Opened:
    """A model that answers.

    Attributes:
        problem: Its inputs, targets and metrics.
        ask: Columns by name of the input in, NumPy arrays [rows, ...] by name
            of the output out.
    """

    problem: object
    ask: Callable[[Mapping[str, Sequence]], dict[str, np.ndarray]]


def open_model(folder: Path) -> Opened:
    """Opens a task folder, an exported version, or the newest of several.

    Raises:
        ValueError: If the folder is neither.
    """
    if (folder / contract.TASK_CONFIG).is_file():
        return _open_task(folder)
    if (folder / contract.EXPORT_MANIFEST).is_file():
        return _open_export(folder)
    versions = [p for p in folder.glob("*") if p.name.isdigit()]
    if versions:
        return open_model(max(versions, key=lambda path: int(path.name)))
    raise ValueError(
        f"Expected a task folder (with {contract.TASK_CONFIG}) or an exported "
        f"version (with {contract.EXPORT_MANIFEST}). Received: {folder}, "
        + ("which holds neither." if folder.is_dir() else "no folder.")
    )


def _open_task(folder: Path) -> Opened:
    from bert_keras.tasks import load_task

    task = load_task(folder)
    return Opened(task.problem, task.ask)


def _open_export(folder: Path) -> Opened:
    from bert_keras.serving.saved_model import ServedModel
    from bert_keras.tasks import TASKS

    manifest = json.loads(
        (folder / contract.EXPORT_MANIFEST).read_text(encoding="utf-8")
    )
    problem = TASKS[manifest["task"]].problem_class(**manifest["problem"])
    return Opened(problem, ServedModel(folder).outputs)
