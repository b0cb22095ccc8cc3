"""A checkpoint with a trained head becomes the task that the head is for.

`Contents` -> problem, encoder, preprocessor -> a task that answers

| head | task |
|---|---|
| `sequence_classifier` | classifier; regressor where its number is a score |
| `token_classifier` | tagger |
| `span` | question answerer |
| `masked_lm` | masked language model |

More heads: a function from `Contents` to a task's class and its arguments, in
`PROBLEMS`.
"""

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path

from bert_keras.checkpoints import CheckpointError, Contents, read_checkpoint
from bert_keras.tasks.classifier import TextClassifier
from bert_keras.tasks.folder import restore_head
from bert_keras.tasks.from_checkpoint import build_task
from bert_keras.tasks.masked_lm import MaskedLanguageModel
from bert_keras.tasks.question_answerer import QuestionAnswerer
from bert_keras.tasks.regressor import TextRegressor
from bert_keras.tasks.tagger import TokenTagger
from bert_keras.tasks.tagger_foreign_tags import (
    TRANSITIONS,
    entity_types,
    with_our_tags,
)
from bert_keras.tasks.task import Task


def open_trained_head(
    handle: str | Path,
    *,
    dtype: str | None,
    max_length: int | None,
    trust: bool,
    options: Mapping,
) -> Task:
    """Builds a trained task of a checkpoint.

    Args:
        handle: Of a checkpoint with a head; see `bert_keras.load_encoder`.
        dtype: Keras dtype policy; `None` takes Keras' global one.
        max_length: Pieces of a row; `None` takes 128.
        trust: Whether an encoder that is a SavedModel may do more than
            compute.
        options: Of the task's problem, which go before what the files say.

    Raises:
        CheckpointError: If it has no head, or one that does not fit.
        RestoreError: If weights are missing, unknown or of another shape.
    """
    contents = read_checkpoint(handle)
    if "token_classifier" in contents.heads:
        contents = with_our_tags(contents)
    head, task_class, arguments = _task_of(contents, handle)
    task = build_task(
        task_class,
        dataclasses.replace(contents, heads={}),
        handle=handle,
        max_length=max_length,
        dtype=dtype,
        trust=trust,
        **{**arguments, **options},
    )
    restore_head(task.network, contents.heads[head], source=contents.source)
    task.trained = True
    return task


def _task_of(contents: Contents, handle) -> tuple[str, type[Task], dict]:
    for head, problem in PROBLEMS.items():
        if head in contents.heads:
            return head, *problem(contents)
    raise CheckpointError(
        f"Expected a trained task, or a checkpoint with one of the heads "
        f"{', '.join(PROBLEMS)}. Received: {handle}, which has "
        f"{', '.join(contents.heads) or 'none'}. Build a task on its encoder "
        "and train it, e.g. TextClassifier.from_handle(handle). If a training "
        "was cut off here, run the same training command again."
    )


def _sequence_classifier(contents: Contents) -> tuple[type[Task], dict]:
    outputs = contents.heads["sequence_classifier"]["dense/bias"].shape[0]
    # As transformers does where the configuration does not say.
    problem = contents.problem_type or (
        "regression" if outputs == 1 else "single_label_classification"
    )
    pooling = {"pooling": contents.pooling, **contents.windows}
    if problem == "regression":
        if outputs != 1:
            raise CheckpointError(
                f"{contents.source}: Expected one score for each text. "
                f"Received: a regression of {outputs} numbers."
            )
        scale = {"mean": 0.0, "scale": 1.0}
        return TextRegressor, {**scale, **pooling}
    labels = contents.labels or tuple(f"LABEL_{i}" for i in range(outputs))
    if len(labels) != outputs:
        raise CheckpointError(
            f"{contents.source}: Expected a name for each of {outputs} "
            f"classes. Received: {', '.join(labels)}."
        )
    return TextClassifier, {
        "labels": labels,
        "multi_label": problem == "multi_label_classification",
        **pooling,
    }


def _token_classifier(contents: Contents) -> tuple[type[Task], dict]:
    return TokenTagger, {
        "labels": entity_types(contents.labels),
        "predicate": False,
        "crf": TRANSITIONS in contents.heads["token_classifier"],
    }


def _span(contents: Contents) -> tuple[type[Task], dict]:
    # Whether it was trained to find none is in no file.
    return QuestionAnswerer, {"unanswerable": False}


def _masked_lm(contents: Contents) -> tuple[type[Task], dict]:
    tied = "kernel" not in contents.heads["masked_lm"]
    return MaskedLanguageModel, {"tied": tied}


# The first head that a checkpoint has decides.
PROBLEMS: dict[str, Callable[[Contents], tuple[type[Task], dict]]] = {
    "sequence_classifier": _sequence_classifier,
    "token_classifier": _token_classifier,
    "span": _span,
    "masked_lm": _masked_lm,
}
