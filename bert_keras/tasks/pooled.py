"""What classification and regression share: one answer for a whole text.

text (or a pair) -> encoder -> pooled -> logits
"""

from collections.abc import Mapping

import keras
import numpy as np
import tensorflow as tf

from bert_keras import contract
from bert_keras.checkpoints import Contents
from bert_keras.data import DataError, Examples, read_examples
from bert_keras.heads import PooledHead, check_pooling
from bert_keras.tasks.long_text import LongText
from bert_keras.training import TrainingData, WindowedData, tokenize_rows


class PooledProblem:
    """Single texts or pairs in, one vector of numbers for each out.

    Args:
        pooling: `"cls"`, `"mean"` or `"max"`; see `PooledHead`.
        pair: Whether texts come in pairs; `None` until data says so.
        long_text: How texts are read that do not fit into a row.
    """

    columns = ("text", "text_b", "label")

    def __init__(self, *, pooling: str, pair: bool | None, long_text: LongText):
        check_pooling(pooling)
        self.pooling = pooling
        self.pair = pair
        self.long_text = long_text

    @property
    def truncates(self) -> bool:
        """Whether something of a text may not be read."""
        return self.long_text.truncates

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the signature's inputs."""
        if self.pair:
            return contract.TEXT_A, contract.TEXT_B
        return (contract.TEXT,)

    # === To and from a checkpoint ===
    head_name = "sequence_classifier"

    @staticmethod
    def gives_scores(contents: Contents) -> bool:
        """Tells whether a checkpoint's sequence classifier is a regressor.

        Where the files do not say, one output is a score, as in transformers.
        """
        if contents.problem_type is not None:
            return contents.problem_type == "regression"
        bias = contents.heads[PooledProblem.head_name]["dense/bias"]
        return bias.shape == (1,)

    # === From a source to what is learned ===
    def read(self, source, *, labelled: bool = True, **columns) -> Examples:
        """Reads texts or pairs, and labels; see `read_examples`."""
        return read_examples(source, labelled=labelled, **columns)

    def adapt(self, examples: Examples) -> None:
        """Learns whether texts come in pairs, unless it was said."""
        if self.pair is None:
            self.pair = examples.texts_b is not None

    def training_data(self, examples: Examples, preprocessor) -> TrainingData:
        """Returns packed rows, targets and how much each text counts."""
        targets = self.targets(examples)
        weights, sampling_probabilities = self.weighting(targets)
        columns = self.texts(examples).values()
        if self.long_text.pooling is None:
            rows = tokenize_rows(preprocessor, *columns)
            return TrainingData(rows, targets, weights, sampling_probabilities)
        rows, counts = self.long_text.rows(preprocessor, *columns)
        return WindowedData(
            rows, targets, weights, sampling_probabilities, counts=counts
        )

    def pooled_head(
        self, encoder: keras.Model, outputs: int, seed: int
    ) -> PooledHead:
        """Returns a fresh head with some outputs."""
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

    # === From strings to answers ===
    def texts(self, examples: Examples) -> dict[str, list]:
        """Returns the texts by input; raises unless they suit the training."""
        if (examples.texts_b is not None) != bool(self.pair):
            expected, received = "pairs of texts", "single texts"
            if not self.pair:
                expected, received = received, expected
            raise DataError(
                f"{examples.source}: Expected {expected}, as in training. "
                f"Received {received}. Name the columns with --text-column "
                "and --text-b-column (in Python: text='...', text_b='...')."
            )
        columns = (examples.texts, examples.texts_b)
        return dict(zip(self.inputs, columns, strict=False))

    def answer(
        self, texts: Mapping[str, tf.Tensor], preprocessor, network
    ) -> dict[str, tf.Tensor]:
        """Answers a batch, in the graph."""
        logits = self.long_text.answer(preprocessor, network, *texts.values())
        return self.decoder()(logits)

    def edge_cases(self, edge_case_texts: list) -> list[dict]:
        """Returns odd texts; in pairs each with its mirror image."""
        return [
            dict(zip(self.inputs, (text, text[::-1]), strict=False))
            for text in self.long_text.edge_case_texts(edge_case_texts)
        ]

    def weighting(
        self, targets: np.ndarray
    ) -> tuple[np.ndarray | None, np.ndarray | None]:
        """Returns each row's weight in the loss, and its chance to be drawn."""
        return None, None
