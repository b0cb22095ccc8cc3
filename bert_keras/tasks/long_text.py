"""Texts that do not fit into one sequence: truncated, or read in windows.

text -> windows -> encoder -> a vector of each -> a vector of the text
"""

import dataclasses
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from bert_keras.preprocessing import (
    Windows,
    map_windows,
    slide,
    windows_per_batch,
)
from bert_keras.task_specs import TRUNCATE, check_long_text
from bert_keras.tasks.network import Network
from bert_keras.training import TokenSequences, flatten_sequences

_CHUNK = 256
_MAX_CHARACTERS = 100_000  # of an edge-case text, hundreds of windows
_VECTORS = "vectors"


@dataclasses.dataclass(frozen=True)
class LongText:
    """How a task reads texts that are longer than a sequence.

    | `windows` | what is read | vector of a text |
    |---|---|---|
    | `"first"` | what fits into one sequence | the sequence's |
    | `"mean"` | all of it, in windows | the mean of theirs |
    | `"max"` | the same | the maximum of theirs, element by element |
    | `"attention"` | the same | their mean, with learned weights |

    A text that fits into one sequence is a single window in any case. For a
    pair, windows slide over the second text. The first text precedes it in
    each window, truncated to half of the sequence if the second needs the
    other half.

    Training, `predict` and the export read texts in the same way: a task that
    is trained with few windows, to save memory, also answers from that few.

    Attributes:
        windows: One of the above.
        stride: Tokens from the start of one window to the start of the next;
            `None` lets each window start where the one before it ends.
        max_windows: Maximum number of windows per text; the rest is
            truncated. `None` reads all.

    Raises:
        ValueError: If an option is out of its range.
    """

    windows: str = TRUNCATE
    stride: int | None = None
    max_windows: int | None = None

    def __post_init__(self):
        check_long_text(self.windows, self.stride, self.max_windows)

    def settings(self) -> dict:
        """Returns how texts are read, as in `Contents.windows`."""
        return {} if self.windows == TRUNCATE else self.to_dict()

    def to_dict(self) -> dict:
        """Returns the fields by name, ready for JSON."""
        return dataclasses.asdict(self)

    @property
    def pooling(self) -> str | None:
        """How the vectors of windows are pooled; `None` if there are none."""
        return None if self.windows == TRUNCATE else self.windows

    @property
    def truncates(self) -> bool:
        """Whether long texts may be truncated."""
        return self.windows == TRUNCATE or self.max_windows is not None

    def edge_case_texts(self, texts: list) -> list:
        """Returns texts to check an export on, none of thousands of windows."""
        if self.pooling is None:
            return texts
        return [text[:_MAX_CHARACTERS] for text in texts]

    def slide(self, preprocessor, *texts: tf.Tensor) -> Windows:
        """Splits texts, or the second texts of pairs, into windows.

        Args:
            preprocessor: Strings to ids.
            *texts: Strings [batch], one tensor or two.
        """
        *before, over = texts
        return slide(
            preprocessor,
            over,
            *before,
            stride=self.stride or preprocessor.max_length,
            max_query_length=None,
            max_windows=self.max_windows,
        )

    def sequences(
        self, preprocessor, *columns: Sequence[str]
    ) -> tuple[TokenSequences, np.ndarray]:
        """Returns the windows of texts, and the number of windows per text.

        Args:
            preprocessor: Strings to ids.
            *columns: The texts, or both texts of pairs.
        """
        batches, counts = [], []
        for start in range(0, len(columns[0]), _CHUNK):
            texts = [
                tf.constant(column[start : start + _CHUNK], tf.string)
                for column in columns
            ]
            windows = self.slide(preprocessor, *texts)
            batches.append(windows.inputs)
            counts.append(np.bincount(windows.text_indices.numpy()))
        return flatten_sequences(batches), np.concatenate(counts)

    def answer(
        self, preprocessor, network: Network, *texts: tf.Tensor
    ) -> tf.Tensor:
        """Returns the outputs of a network for texts, in the graph.

        Windows pass through the encoder a few at a time, so that memory does
        not grow with the longest text.

        Args:
            preprocessor: Strings to ids.
            network: Its head pools windows as `windows` says.
            *texts: Strings [batch], one tensor or two.

        Returns:
            float32 [batch, outputs].
        """
        if self.windows == TRUNCATE:
            inputs = preprocessor(*texts)
            return network(inputs, training=False, packed=True)
        windows = self.slide(preprocessor, *texts)

        def encode(part: Windows) -> dict:
            return {_VECTORS: tf.cast(network.vectors(part.inputs), tf.float32)}

        width = network.encoder.config.hidden_size
        vectors = map_windows(
            encode,
            windows,
            {_VECTORS: tf.TensorSpec([None, width], tf.float32)},
            batch_size=windows_per_batch(windows),
        )[_VECTORS]
        counts = tf.math.unsorted_segment_sum(
            tf.ones_like(windows.text_indices),
            windows.text_indices,
            tf.size(texts[0]),
        )
        return network.head.answer(vectors, counts)
