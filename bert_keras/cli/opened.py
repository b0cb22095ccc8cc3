"""A folder to ask: a trained task or an exported version, alike."""

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from bert_keras import contract
from bert_keras.checkpoints import newest_version


@dataclasses.dataclass(frozen=True)
class Opened:
    """A model that answers.

    Attributes:
        problem: Its inputs, targets and metrics.
        ask: Columns by name of the input in, NumPy arrays [rows, ...] by name
            of the output out.
        preprocessor: Strings to ids, as `ask` does it within.
        answers: Labelled examples in, what the problem measures out.
    """

    problem: object
    ask: Callable[[Mapping[str, Sequence]], dict[str, np.ndarray]]
    preprocessor: object
    answers: Callable[[object], dict[str, np.ndarray]]


def open_model(folder: Path, *, trust: bool = False) -> Opened:
    """Opens a task folder, an exported version, or the newest of several.

    Args:
        folder: Any of these.
        trust: Whether an exported version, or an encoder that is a
            SavedModel, may do more than compute.

    Raises:
        UntrustedModel: If a version would, and is not trusted.
        ValueError: If the folder is neither.
    """
    folder = newest_version(folder)
    if (folder / contract.TASK_CONFIG).is_file():
        return _open_task(folder, trust)
    if (folder / contract.EXPORT_MANIFEST).is_file():
        return _open_export(folder, trust)
    raise ValueError(
        f"Expected a task folder (with {contract.TASK_CONFIG}) or an exported "
        f"version (with {contract.EXPORT_MANIFEST}). Received: {folder}, "
        + ("which holds neither." if folder.is_dir() else "no folder.")
    )


def _open_task(folder: Path, trust: bool) -> Opened:
    from bert_keras.tasks import load_task

    task = load_task(folder, trust=trust)
    return Opened(task.problem, task.ask, task.preprocessor, task.answers)


def _open_export(folder: Path, trust: bool) -> Opened:
    from bert_keras.checkpoints import load_preprocessor
    from bert_keras.serving import ServedModel
    from bert_keras.tasks import TASKS, load_task
    from bert_keras.trust import require_trust

    manifest = json.loads(
        (folder / contract.EXPORT_MANIFEST).read_text(encoding="utf-8")
    )
    problem = TASKS[manifest["task"]].problem_class(**manifest["problem"])
    require_trust(folder, trust=trust)
    preprocessor = load_preprocessor(folder, max_length=manifest["max_length"])
    ask = ServedModel(folder).outputs

    def answers(examples):
        if problem.kind == "masked-lm":
            # No signature says how likely the piece behind a mask is.
            return load_task(folder).answers(examples)
        return ask(problem.texts(examples))

    return Opened(problem, ask, preprocessor, answers)
