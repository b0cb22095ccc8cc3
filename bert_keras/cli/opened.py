"""A saved model: a trained task or an exported version, used alike.

`find_saved` reads its description, without TensorFlow; `open_saved` loads it.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bert_keras import contract
from bert_keras.checkpoints import newest_version, read_json
from bert_keras.digests import check_digests
from bert_keras.trust import require_trust

if TYPE_CHECKING:
    import numpy as np

    from bert_keras.preprocessing import Preprocessor
    from bert_keras.task_specs import TaskSpec
    from bert_keras.tasks import Problem


@dataclasses.dataclass(frozen=True)
class Saved:
    """A folder that holds a model, not yet loaded.

    Attributes:
        folder: A task folder, or an exported version.
        values: What the folder's file says of the model.
        spec: Its options, and how its data is read.
        exported: Whether it is an exported version.
    """

    folder: Path
    values: dict
    spec: "TaskSpec"
    exported: bool


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

    problem: "Problem"
    ask: Callable[[Mapping[str, Sequence]], "dict[str, np.ndarray]"]
    preprocessor: "Preprocessor"
    answers: Callable[[Any], "dict[str, np.ndarray]"]


def find_saved(folder: Path) -> Saved:
    """Reads what a folder says of its model.

    Args:
        folder: A task folder, an exported version, or a folder of versions,
            of which the newest is taken.

    Raises:
        ValueError: If the folder is none of these.
    """
    from bert_keras.task_specs import SPECS

    folder = newest_version(folder)
    for name in (contract.TASK_CONFIG, contract.EXPORT_MANIFEST):
        if not (folder / name).is_file():
            continue
        values = read_json(folder / name)
        kind = values.get("task")
        if kind not in SPECS:
            raise ValueError(
                f"{folder / name}: Expected one of the tasks "
                f"{', '.join(SPECS)}. Received: {kind!r}. It may have been "
                "written by a later release of bert_keras: update this one."
            )
        spec = SPECS[kind](**values["problem"])
        return Saved(folder, values, spec, name == contract.EXPORT_MANIFEST)
    raise ValueError(
        f"Expected a task folder (with {contract.TASK_CONFIG}) or an exported "
        f"version (with {contract.EXPORT_MANIFEST}). Received: {folder}, "
        + ("which holds neither." if folder.is_dir() else "no folder.")
    )


def open_saved(saved: Saved, *, trust: bool = False) -> Opened:
    """Loads a model.

    Args:
        saved: See `find_saved`.
        trust: Whether an exported version, or an encoder that is a
            SavedModel, may do more than compute.

    Raises:
        UntrustedModel: If a version would, and is not trusted.
        DigestError: If a file is not the one that was written.
    """
    if saved.exported:
        return _open_export(saved, trust)
    from bert_keras.tasks import load_task

    task = load_task(saved.folder, trust=trust)
    return Opened(task.problem, task.ask, task.preprocessor, task.answers)


def _open_export(saved: Saved, trust: bool) -> Opened:
    check_digests(
        saved.folder / contract.EXPORT_MANIFEST, saved.values.get("digests")
    )
    require_trust(saved.folder, trust=trust)
    from bert_keras.checkpoints import load_preprocessor
    from bert_keras.serving import ServedModel
    from bert_keras.tasks import TASKS, load_task

    problem_class = TASKS[saved.values["task"]].problem_class
    problem = problem_class(**saved.values["problem"])
    preprocessor = load_preprocessor(
        saved.folder, max_length=saved.values["max_length"]
    )
    ask = ServedModel(saved.folder).outputs

    def answers(examples):
        if problem.kind == "masked-lm":
            # No signature says how likely the token behind a mask is.
            return load_task(saved.folder).answers(examples)
        return ask(problem.texts(examples))

    return Opened(problem, ask, preprocessor, answers)
