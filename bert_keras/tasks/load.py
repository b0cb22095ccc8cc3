"""Load: the folder of a trained task becomes the task again."""

from pathlib import Path

from bert_keras import contract
from bert_keras.preprocessing import Preprocessor
from bert_keras.tasks.classifier import TextClassifier
from bert_keras.tasks.embedder import TextEmbedder
from bert_keras.tasks.encoder_folder import build_encoder
from bert_keras.tasks.folder import read_task, restore_weights
from bert_keras.tasks.question_answerer import QuestionAnswerer
from bert_keras.tasks.regressor import TextRegressor
from bert_keras.tasks.tagger import TokenTagger
from bert_keras.tasks.task import Task

TASKS = {
    task.problem_class.kind: task
    for task in (
        TextClassifier,
        TextRegressor,
        TokenTagger,
        TextEmbedder,
        QuestionAnswerer,
    )
}


def load_task(
    folder: str | Path, *, dtype: str | None = None, trust: bool = False
) -> Task:
    """Loads a task that `Task.save` or a training run wrote.

    Args:
        folder: The run's folder.
        dtype: Keras dtype policy; `None` takes Keras' global one.
        trust: Whether an encoder that is a SavedModel may do more than
            compute; see `load_encoder`.

    Raises:
        UntrustedModel: If it does, and is not trusted.
        ValueError: If the folder holds no finished task.

    Example:
        >>> load_task("runs/sst2").predict(["a charming film"])[0]["label"]
        'positive'
    """
    values = read_task(folder)
    kind = values["task"]
    if kind not in TASKS:
        raise ValueError(
            f"{Path(folder) / contract.TASK_CONFIG}: Expected one of the tasks "
            f"{', '.join(TASKS)}. Received: {kind!r}. It was perhaps written "
            "by a later release of bert_keras: update this one."
        )
    task = TASKS[kind](
        build_encoder(
            values["encoder"], Path(folder), dtype=dtype, trust=trust
        ),
        Preprocessor.load(folder),
        TASKS[kind].problem_class(**values["problem"]),
        handle=values["handle"],
    )
    task.metrics = values["metrics"]
    restore_weights(folder, task.network)
    task.trained = True
    return task
