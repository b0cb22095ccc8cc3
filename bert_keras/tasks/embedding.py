"""Embedding: one vector of a text, near to those of texts that mean the same.

text -> encoder -> pooled -> (dense) -> (unit length) -> embedding
"""

from collections.abc import Mapping

import keras
import numpy as np
import tensorflow as tf

from bert_keras import metrics as measures
from bert_keras.checkpoints import DENSE_ACTIVATIONS, Contents, HeadSettings
from bert_keras.contract import EMBEDDING, TEXT
from bert_keras.data import DataError, Examples, label_scores, read_examples
from bert_keras.heads import EmbeddingHead, check_pooling
from bert_keras.tasks.embedder_settings import (
    embedding_head,
    embedding_settings,
)
from bert_keras.tasks.from_checkpoint import TrainedHead
from bert_keras.tasks.long_text import LongText
from bert_keras.training import (
    Monitor,
    PairedData,
    TrainingData,
    WindowedData,
    tokenize_rows,
)

OBJECTIVES = ("scores", "positives")
_SHOWN = 4  # numbers of a vector in its summary


class Embedding:
    """What embedding adds to an encoder, from targets to answers.

    | `objective` | training data | loss |
    |---|---|---|
    | `"scores"` | pairs with a score | squared error of their cosine |
    | `"positives"` | pairs that mean the same | each text must find its own \
partner among those of the batch |

    Args:
        pooling: `"cls"`, `"mean"` or `"max"`; see `EmbeddingHead`.
        normalize: Whether vectors get unit length.
        dense: Width of vectors after a dense layer; `None` for no layer.
        activation: Keras' name of the function after it: `"tanh"`, `"relu"`,
            `"gelu"` or `"linear"`.
        objective: One of the above. The first is that of
            https://arxiv.org/abs/1908.10084, the second that of
            https://arxiv.org/abs/1705.00652: the larger the batch, the more
            there is to tell apart.
        scale: Factor on cosines where partners are searched.
        lowest: Score of pairs without likeness, whose cosine shall be 0;
            learned from the training data if `None`.
        highest: Score of pairs that are alike, whose cosine shall be 1.
        windows: `"first"` cuts what does not fit into a row; `"mean"`, `"max"`
            and `"attention"` read it by windows; see `LongText`.
        stride: Pieces from one window to the next; see `LongText`.
        max_windows: Windows of a text at most; see `LongText`.

    Raises:
        ValueError: If an option is out of its range.
    """

    kind = "embedder"
    labels = None
    columns = ("text", "text_b", "label")
    inputs = (TEXT,)

    def __init__(
        self,
        *,
        pooling: str = "mean",
        normalize: bool = True,
        dense: int | None = None,
        activation: str = "tanh",
        objective: str = "scores",
        scale: float = 20.0,
        lowest: float | None = None,
        highest: float | None = None,
        windows: str = "first",
        stride: int | None = None,
        max_windows: int | None = None,
    ):
        check_pooling(pooling)
        if objective not in OBJECTIVES:
            raise ValueError(
                f"Expected `objective` to be {' or '.join(OBJECTIVES)}. "
                f"Received: objective={objective!r}"
            )
        if activation not in DENSE_ACTIVATIONS.values():
            raise ValueError(
                "Expected `activation` to be one of "
                f"{', '.join(DENSE_ACTIVATIONS.values())}. Received: "
                f"activation={activation!r}"
            )
        self.pooling = pooling
        self.normalize = normalize
        self.dense = dense
        self.activation = activation
        self.objective = objective
        self.scale = scale
        self.lowest = lowest
        self.highest = highest
        self.long_text = LongText(windows, stride, max_windows)

    @property
    def truncates(self) -> bool:
        """Whether something of a text may not be read."""
        return self.long_text.truncates

    def to_dict(self) -> dict:
        """Returns the constructor's arguments, ready for JSON."""
        return {
            "pooling": self.pooling,
            "normalize": self.normalize,
            "dense": self.dense,
            "activation": self.activation,
            "objective": self.objective,
            "scale": self.scale,
            "lowest": self.lowest,
            "highest": self.highest,
        } | self.long_text.to_dict()

    # === To and from a checkpoint ===
    def head_settings(self) -> HeadSettings:
        """Returns what a checkpoint says about the head."""
        return embedding_settings(self)

    @classmethod
    def trained_head(cls, contents: Contents) -> TrainedHead | None:
        """Returns what a sentence-transformers folder says of its vectors."""
        return embedding_head(contents)

    # === From a source to what is learned ===
    def read(self, source, *, labelled: bool = True, **columns) -> Examples:
        """Reads pairs, to learn from or to measure; or else single texts."""
        if not labelled:
            columns.pop("label", None)
        scored = labelled and self.objective == "scores"
        return read_examples(source, labelled=scored, **columns)

    def adapt(self, examples: Examples) -> None:
        """Learns the range of the scores, unless it was given."""
        if self.objective == "positives":
            return
        scores = label_scores(examples)
        if self.lowest is None:
            self.lowest = float(scores.min())
        if self.highest is None:
            self.highest = float(scores.max())
        if self.lowest >= self.highest:
            raise DataError(
                f"{examples.source}: Expected scores of unlike and of like "
                f"pairs. Received: none below {self.highest:g}. If all pairs "
                "mean the same, train with the objective `positives`."
            )

    def training_data(self, examples: Examples, preprocessor) -> TrainingData:
        """Returns both texts of each pair, and the cosine they shall have."""
        texts, targets = _one_by_one(examples), self.targets(examples)
        if self.long_text.pooling is None:
            return PairedData(tokenize_rows(preprocessor, texts), targets)
        rows, counts = self.long_text.rows(preprocessor, texts)
        return WindowedData(rows, targets, counts=counts, texts_each=2)

    def targets(self, examples: Examples) -> np.ndarray:
        """Returns cosines, float32 [examples]; of positives they are all 1."""
        if self.objective == "positives":
            return np.ones(len(examples), np.float32)
        scores = label_scores(examples) - self.lowest
        return (scores / (self.highest - self.lowest)).astype(np.float32)

    def head(self, encoder: keras.Model, *, seed: int) -> EmbeddingHead:
        """Returns a fresh head; only a dense layer has weights to draw."""
        return EmbeddingHead(
            encoder.config.hidden_size,
            self.pooling,
            windows=self.long_text.pooling,
            dense=self.dense,
            activation=self.activation,
            normalize=self.normalize,
            seed=seed,
            dtype=encoder.dtype_policy,
            name="head",
        )

    def loss(self, targets: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        """Returns the loss of each pair, float32 [batch].

        Args:
            targets: Cosines, float32 [batch].
            logits: Embeddings of the texts, float32 [2 * batch, width].
        """
        pairs = tf.reshape(logits, [-1, 2, logits.shape[-1]])
        first, second = tf.unstack(tf.math.l2_normalize(pairs, axis=2), axis=1)
        if self.objective == "scores":
            return tf.square(tf.reduce_sum(first * second, axis=1) - targets)
        likeness = self.scale * tf.matmul(first, second, transpose_b=True)
        return tf.nn.sparse_softmax_cross_entropy_with_logits(
            labels=tf.range(tf.shape(likeness)[0]), logits=likeness
        )

    # === From strings to answers ===
    def texts(self, examples: Examples) -> dict[str, list]:
        """Returns the texts; of pairs, one text after the other."""
        if examples.texts_b is None:
            return {TEXT: examples.texts}
        return {TEXT: _one_by_one(examples)}

    def answer(
        self, texts: Mapping[str, tf.Tensor], preprocessor, network
    ) -> dict[str, tf.Tensor]:
        """Answers a batch, in the graph."""
        return {
            EMBEDDING: self.long_text.answer(preprocessor, network, texts[TEXT])
        }

    def edge_cases(self, edge_case_texts: list) -> list[dict]:
        """Returns odd texts."""
        texts = self.long_text.edge_case_texts(edge_case_texts)
        return [{TEXT: text} for text in texts]

    def comparable(self, answer: dict) -> None:
        """Returns nothing: numbers are all there is, and may be rounded."""

    def summary(self, answer: dict) -> str:
        """Returns the first numbers of the vector, and how many there are."""
        vector = answer[EMBEDDING]
        shown = " ".join(f"{number:.4f}" for number in vector[:_SHOWN])
        return f"{shown} ... ({len(vector)})"

    # === From answers to figures ===
    @property
    def monitor(self) -> Monitor:
        """What says that an epoch is better than another."""
        name = "spearman" if self.objective == "scores" else "found_first"
        return Monitor(f"val_{name}", highest=True)

    def measure(self, examples: Examples, answers: dict) -> dict:
        """Returns how cosines follow scores, or how partners are found."""
        if self.objective == "positives":
            return measures.retrieval_metrics(*_pairs(answers))
        return measures.similarity_metrics(
            label_scores(examples), measures.cosines(*_pairs(answers))
        )

    def mistakes(self, examples: Examples, answers: dict) -> list[dict]:
        """Returns the pairs whose cosine is furthest off, worst first."""
        if self.objective == "positives":
            return []
        return measures.largest_errors(
            examples.texts,
            examples.texts_b,
            targets=self.targets(examples),
            predictions=measures.cosines(*_pairs(answers)),
        )

    def figures(self, examples: Examples, answers: dict) -> dict:
        """Returns figures by file name."""
        if self.objective == "positives":
            return {}
        return {
            "cosine_against_score": measures.plots.predicted_against_true(
                label_scores(examples),
                measures.cosines(*_pairs(answers)),
                self.measure(examples, answers),
            )
        }


def _one_by_one(examples: Examples) -> list[str]:
    """Returns the texts of pairs: a, b, a, b ..."""
    if examples.texts_b is None:
        raise DataError(
            f"{examples.source}: Expected pairs of texts to learn from. "
            "Received single texts. Name the columns with --text-column and "
            "--text-b-column (in Python: text='...', text_b='...')."
        )
    pairs = zip(examples.texts, examples.texts_b, strict=True)
    return [text for pair in pairs for text in pair]


def _pairs(answers: dict) -> tuple[np.ndarray, np.ndarray]:
    """Returns both vectors of each pair, each [pairs, width]."""
    return answers[EMBEDDING][::2], answers[EMBEDDING][1::2]
