"""Texts that do not fit into a row: cut, or read by windows.

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
from bert_keras.task_specs import CUT, check_long_text
from bert_keras.tasks.network import Network
from bert_keras.training import TokenSequences, flatten_sequences

_CHUNK = 256
_ODD = 100_000  # characters, hundreds of windows
_VECTORS = "vectors"


@dataclasses.dataclass(frozen=True)
class LongText:
    """How a task reads texts that are longer than a row.

    | `windows` | what is read | vector of a text |
    |---|---|---|
    | `"first"` | what fits into one row; the rest is cut | the row's |
    | `"mean"` | windows over all of it | the average of theirs |
    | `"max"` | the same | the largest of theirs, column by column |
    | `"attention"` | the same | their average, by weights that are learned |

    A text that fits into a row is one window, whatever is chosen. Of a pair,
    windows slide over the second text. The first stands before each of them,
    cut at half of the row where the second needs the other half.

    Training, `predict` and the export read alike: whoever trains with few
    windows, for want of memory, gets answers from as many.

    Attributes:
        windows: One of the above.
        stride: Pieces from one window's beginning to the next one's; `None`
            sets them side by side.
        max_windows: Windows of a text at most, the rest is cut; `None` reads
            all.

    Raises:
        ValueError: If an option is out of its range.
    """

    windows: str = CUT
    stride: int | None = None
    max_windows: int | None = None

    def __post_init__(self):
        check_long_text(self.windows, self.stride, self.max_windows)

    def settings(self) -> dict:
        """Returns how windows are read, as `Contents` says it."""
        return {} if self.windows == CUT else self.to_dict()

    def to_dict(self) -> dict:
        """Returns the fields by name, ready for JSON."""
        return dataclasses.asdict(self)

    @property
    def pooling(self) -> str | None:
        """How the vectors of windows are pooled; `None` if there are none."""
        return None if self.windows == CUT else self.windows

    @property
    def truncates(self) -> bool:
        """Whether something of a text may not be read."""
        return self.windows == CUT or self.max_windows is not None

    def edge_case_texts(self, texts: list) -> list:
        """Returns texts to check an export on, none of thousands of windows."""
        return texts if self.pooling is None else [t[:_ODD] for t in texts]

    def slide(self, preprocessor, *texts: tf.Tensor) -> Windows:
        """Lays windows over texts, or over the second texts of pairs.

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
        """Returns the windows of texts, and how many each text has.

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
        """Returns what a network says of texts, in the graph.

        Windows pass through the encoder a few at a time, so that memory does
        not grow with the longest text.

        Args:
            preprocessor: Strings to ids.
            network: Whose head pools windows as `windows` says.
            *texts: Strings [batch], one tensor or two.

        Returns:
            float32 [batch, outputs].
        """
        if self.windows == CUT:
            inputs = preprocessor(*texts)
            return network(inputs, training=False, packed=True)
        windows = self.slide(preprocessor, *texts)

        def look(part: Windows) -> dict:
            return {_VECTORS: tf.cast(network.vectors(part.inputs), tf.float32)}

        width = network.encoder.config.hidden_size
        vectors = map_windows(
            look,
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
