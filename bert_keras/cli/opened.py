"""A folder to ask: a trained task or an exported version, alike."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from bert_keras import contract
from bert_keras.data import Examples

_BATCH_SIZE = 64


@dataclasses.dataclass(frozen=True)
class Opened:
    """A model that answers.

    Attributes:
        problem: Its targets and metrics.
        pair: Whether it takes pairs of texts.
        answers: Examples in, NumPy arrays by output name out.
    """

    problem: object
    pair: bool
    answers: Callable[[Examples], dict[str, np.ndarray]]


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

    def answers(examples):
        task.check_pair(examples)
        return task.answers(task.rows(examples))

    return Opened(task.problem, task.pair, answers)


def _open_export(folder: Path) -> Opened:
    from bert_keras.serving.saved_model import ServedModel
    from bert_keras.tasks import TASKS

    manifest = json.loads(
        (folder / contract.EXPORT_MANIFEST).read_text(encoding="utf-8")
    )
    problem = TASKS[manifest["task"]].problem_class(**manifest["problem"])
    model = ServedModel(folder)

    def answers(examples):
        columns = [examples.texts]
        if examples.texts_b is not None:
            columns.append(examples.texts_b)
        if len(columns) != len(model.inputs):
            raise ValueError(
                f"{examples.source}: Expected {' and '.join(model.inputs)}. "
                f"Received {len(columns)} text column(s)."
            )
        parts = [
            model.outputs(
                {
                    name: column[start : start + _BATCH_SIZE]
                    for name, column in zip(model.inputs, columns, strict=True)
                }
            )
            for start in range(0, len(examples), _BATCH_SIZE)
        ]
        return {
            name: np.concatenate([part[name] for part in parts])
            for name in parts[0]
        }

    return Opened(problem, manifest["pair"], answers)
