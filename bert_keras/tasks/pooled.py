"""What classification and regression share: one answer for a whole text.

text (or a pair) -> encoder -> pooled -> logits
"""

from collections.abc import Mapping

import keras
import numpy as np
import tensorflow as tf

from bert_keras.checkpoints import Contents
from bert_keras.data import Examples
from bert_keras.heads import PooledHead
from bert_keras.postprocessing import LabelDecoder, ScoreDecoder
from bert_keras.task_specs import PooledSpec
from bert_keras.tasks.long_text import LongText
from bert_keras.training import (
    TrainingData,
    WindowedData,
    combined_weights,
    tokenize_sequences,
)


class PooledProblem(PooledSpec):
    """What a problem adds to a `PooledSpec`: sequences, head and answers."""

    @property
    def long_text(self) -> LongText:
        """How texts that do not fit into one sequence are read."""
        return LongText(self.windows, self.stride, self.max_windows)

    @property
    def truncates(self) -> bool:
        """Whether long texts may be truncated."""
        return self.long_text.truncates

    # === To and from a checkpoint ===
    head_name = "sequence_classifier"

    @staticmethod
    def gives_scores(contents: Contents) -> bool:
        """Whether a checkpoint's sequence classifier is a regressor.

        If the files do not say, one output is a score, as in transformers.
        """
        if contents.problem_type is not None:
            return contents.problem_type == "regression"
        bias = contents.heads[PooledProblem.head_name]["dense/bias"]
        return bias.shape == (1,)

    # === From a source to training data ===
    def training_data(self, examples: Examples, preprocessor) -> TrainingData:
        """Returns token sequences, targets, weights, sampling probabilities."""
        targets = self.targets(examples)
        weights, sampling_probabilities = self.weighting(targets)
        weights = combined_weights(weights, examples.weights)
        columns = self.texts(examples).values()
        if self.long_text.pooling is None:
            sequences = tokenize_sequences(preprocessor, *columns)
            return TrainingData(
                sequences, targets, weights, sampling_probabilities
            )
        sequences, counts = self.long_text.sequences(preprocessor, *columns)
        return WindowedData(
            sequences, targets, weights, sampling_probabilities, counts=counts
        )

    def pooled_head(
        self, encoder: keras.Model, outputs: int, seed: int
    ) -> PooledHead:
        """Returns a new head with this number of outputs."""
        return PooledHead(
            encoder.config.hidden_size,
            outputs,
            pooling=self.pooling,
            windows=self.long_text.pooling,
            dropout=encoder.config.hidden_dropout_prob,
            stddev=encoder.config.initializer_range,
            seed=seed,
            dtype=encoder.dtype_policy,
            name="head",
        )

    def decoder(self) -> LabelDecoder | ScoreDecoder:
        """Returns what turns logits into answers."""
        raise NotImplementedError

    # === From strings to answers ===
    def answer(
        self, texts: Mapping[str, tf.Tensor], preprocessor, network
    ) -> dict[str, tf.Tensor]:
        """Answers a batch, in the graph."""
        logits = self.long_text.answer(preprocessor, network, *texts.values())
        return self.decoder()(logits)

    def edge_cases(self, edge_case_texts: list) -> list[dict]:
        """Returns edge cases; pairs consist of a text and its reverse."""
        return [
            dict(zip(self.inputs, (text, text[::-1]), strict=False))
            for text in self.long_text.edge_case_texts(edge_case_texts)
        ]

    def weighting(
        self, targets: np.ndarray
    ) -> tuple[np.ndarray | None, np.ndarray | None]:
        """Returns the loss weights and sampling probabilities of examples."""
        return None, None
