"""How a text becomes one vector: a checkpoint's settings and the task's."""

from bert_keras.checkpoints import (
    DENSE_ACTIVATIONS,
    CheckpointError,
    Contents,
    HeadSettings,
    SentenceSettings,
)
from bert_keras.task_specs import check_pooling
from bert_keras.tasks.from_checkpoint import TrainedHead

_STEPS = ("Transformer", "Pooling", "Dense", "Normalize")
_HEAD = "embedding"


def embedding_settings(embedding) -> HeadSettings:
    """Returns what a checkpoint says about the head of an `Embedding`."""
    steps = {"Dense": embedding.dense, "Normalize": embedding.normalize}
    return HeadSettings(
        name=_HEAD,
        windows=embedding.long_text.settings(),
        sentence=SentenceSettings(
            pooling=embedding.pooling,
            normalize=embedding.normalize,
            activation=embedding.activation if embedding.dense else "",
            steps=("Transformer", "Pooling", *(s for s in steps if steps[s])),
        ),
    )


def embedding_head(contents: Contents) -> TrainedHead | None:
    """Returns the head of a checkpoint that says how a text becomes a vector.

    Args:
        contents: The checkpoint.

    Returns:
        Weights of the dense layer, if it has one, and arguments of
        `Embedding`; `None` if the checkpoint says nothing about vectors.

    Raises:
        CheckpointError: If vectors pass through steps other than pooling, a
            dense layer and normalization.
        ValueError: If they are pooled in a way that is not supported.
    """
    settings = contents.sentence
    if settings is None:
        return None
    _check_steps(contents, settings)
    weights = contents.heads.get(_HEAD, {})
    arguments = {
        "pooling": settings.pooling,
        "normalize": settings.normalize,
        **contents.windows,
    }
    if "Dense" in settings.steps:
        arguments["dense"] = weights["dense/kernel"].shape[1]
        arguments["activation"] = settings.activation
    return TrainedHead(weights, arguments, settings.max_length)


def _check_steps(contents: Contents, settings: SentenceSettings) -> None:
    known = tuple(step for step in _STEPS if step in settings.steps)
    problem = ""
    if settings.steps != known:
        problem = f"the steps {', '.join(settings.steps)}"
    elif "Dense" in known and _HEAD not in contents.heads:
        problem = "a Dense without the file of its weights"
    elif settings.activation not in ("", *DENSE_ACTIVATIONS.values()):
        problem = f"a Dense with the activation {settings.activation}"
    if problem:
        raise CheckpointError(
            f"{contents.folder}: Expected vectors that are pooled, passed "
            "through one dense layer and normalized, in this order. Received "
            f"{problem}, which is not supported."
        )
    check_pooling(settings.pooling)
