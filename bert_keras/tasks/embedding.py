"""Embedding: one vector per text, close to those of texts that mean the same.

text -> encoder -> pooled -> (dense) -> (unit length) -> embedding
"""

from collections.abc import Mapping

import keras
import numpy as np
import tensorflow as tf

from bert_keras import metrics as measures
from bert_keras.checkpoints import Contents, HeadSettings
from bert_keras.contract import EMBEDDING, TEXT
from bert_keras.data import Examples, label_scores
from bert_keras.heads import EmbeddingHead
from bert_keras.task_specs import EmbedderSpec
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
    tokenize_sequences,
)

_SHOWN = 4  # values of a vector in its summary


class Embedding(EmbedderSpec):
    """What embedding adds to an encoder, from targets to answers.

    Its arguments are the options of `EmbedderSpec`.
    """

    @property
    def long_text(self) -> LongText:
        """How texts that do not fit into one sequence are read."""
        return LongText(self.windows, self.stride, self.max_windows)

    @property
    def truncates(self) -> bool:
        """Whether long texts may be truncated."""
        return self.long_text.truncates

    # === To and from a checkpoint ===
    def head_settings(self) -> HeadSettings:
        """Returns what a checkpoint says about the head."""
        return embedding_settings(self)

    @classmethod
    def trained_head(cls, contents: Contents) -> TrainedHead | None:
        """Returns the head that a sentence-transformers folder describes."""
        return embedding_head(contents)

    # === From a source to training data ===
    def training_data(self, examples: Examples, preprocessor) -> TrainingData:
        """Returns both texts of each pair, and their target cosine."""
        texts, targets = self.pairs(examples), self.targets(examples)
        if self.long_text.pooling is None:
            sequences = tokenize_sequences(preprocessor, texts)
            return PairedData(sequences, targets, examples.weights)
        sequences, counts = self.long_text.sequences(preprocessor, texts)
        return WindowedData(
            sequences, targets, examples.weights, counts=counts, texts_each=2
        )

    def head(self, encoder: keras.Model, *, seed: int) -> EmbeddingHead:
        """Returns a new head; only a dense layer has random weights."""
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
        similarities = self.scale * tf.matmul(first, second, transpose_b=True)
        return tf.nn.sparse_softmax_cross_entropy_with_logits(
            labels=tf.range(tf.shape(similarities)[0]), logits=similarities
        )

    # === From strings to answers ===
    def answer(
        self, texts: Mapping[str, tf.Tensor], preprocessor, network
    ) -> dict[str, tf.Tensor]:
        """Answers a batch, in the graph."""
        return {
            EMBEDDING: self.long_text.answer(preprocessor, network, texts[TEXT])
        }

    def edge_cases(self, edge_case_texts: list) -> list[dict]:
        """Returns edge cases."""
        texts = self.long_text.edge_case_texts(edge_case_texts)
        return [{TEXT: text} for text in texts]

    def comparable(self, answer: dict) -> None:
        """Returns nothing: an answer is all numbers, which may be rounded."""

    def summary(self, answer: dict) -> str:
        """Returns the first values of the vector, and its size."""
        vector = answer[EMBEDDING]
        shown = " ".join(f"{number:.4f}" for number in vector[:_SHOWN])
        return f"{shown} ... ({len(vector)})"

    # === From answers to figures ===
    @property
    def monitor(self) -> Monitor:
        """The metric by which epochs are compared."""
        name = "spearman" if self.objective == "scores" else "recall_at_1"
        return Monitor(f"val_{name}", highest=True)

    def measure(self, examples: Examples, answers: dict) -> dict:
        """Returns the metrics of similarity, or of retrieval for positives."""
        if self.objective == "positives":
            return measures.retrieval_metrics(*_pairs(answers))
        return measures.similarity_metrics(
            label_scores(examples), measures.cosines(*_pairs(answers))
        )

    def mistakes(self, examples: Examples, answers: dict) -> list[dict]:
        """Returns the pairs with the largest errors, worst first."""
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


def _pairs(answers: dict) -> tuple[np.ndarray, np.ndarray]:
    """Returns both vectors of each pair, each [pairs, width]."""
    return answers[EMBEDDING][::2], answers[EMBEDDING][1::2]
