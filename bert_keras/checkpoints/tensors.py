"""Tensors of a file: names and shapes now, values on demand.

So loading needs memory for the encoder and a copy or two of its largest weight,
not for two encoders.
"""

import dataclasses
import enum
import math
from collections.abc import Callable

import ml_dtypes  # noqa: F401  registers "bfloat16" with NumPy
import numpy as np

from bert_keras.checkpoints.errors import WeightsError

FLOATS = ("float64", "float32", "float16", "bfloat16")


class Axes(enum.Enum):
    """How the axes of a stored tensor map to ours."""

    SAME = "as they are"
    SWAPPED = "[out, in] becomes [in, out]"
    LAST_JOINED = "[..., heads, width] becomes [..., heads * width]"
    FIRST_JOINED = "[heads, width, ...] becomes [heads * width, ...]"

    def shape(self, stored: tuple[int, ...]) -> tuple[int, ...]:
        """Returns our shape of a tensor, given its stored shape.

        Example:
            >>> Axes.LAST_JOINED.shape((768, 12, 64))
            (768, 768)
        """
        if self is Axes.SWAPPED:
            return stored[::-1]
        if self is Axes.LAST_JOINED:
            return (*stored[:-2], math.prod(stored[-2:]))
        if self is Axes.FIRST_JOINED:
            return (math.prod(stored[:2]), *stored[2:])
        return stored

    def stored(self, values: np.ndarray, heads: int) -> np.ndarray:
        """Returns values with the stored axes, given ours.

        Args:
            values: With our axes.
            heads: Number of attention heads, if they are a stored axis.

        Example:
            >>> Axes.FIRST_JOINED.stored(np.zeros([768, 2]), heads=12).shape
            (12, 64, 2)
        """
        if self is Axes.SWAPPED:
            return np.ascontiguousarray(values.T)
        if self is Axes.LAST_JOINED:
            return values.reshape(*values.shape[:-1], heads, -1)
        if self is Axes.FIRST_JOINED:
            return values.reshape(heads, -1, *values.shape[1:])
        return values


@dataclasses.dataclass(frozen=True)
class StoredTensor:
    """One tensor of a file, whose values `np.asarray` reads.

    Attributes:
        name: Name in the file.
        stored_shape: Shape in the file.
        read: Returns the values in that shape.
        axes: How the axes map to ours.
        dtype: In the file; values are returned as float32.
    """

    name: str
    stored_shape: tuple[int, ...]
    read: Callable[[], np.ndarray]
    axes: Axes = Axes.SAME
    dtype: str = "float32"

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the returned values."""
        return self.axes.shape(self.stored_shape)

    @property
    def size(self) -> int:
        """Number of values."""
        return math.prod(self.stored_shape)

    def with_axes(self, axes: Axes) -> "StoredTensor":
        """Returns the tensor with another mapping of its axes.

        Raises:
            WeightsError: If its values are not floating-point numbers.
        """
        if self.dtype not in FLOATS:
            raise WeightsError(
                f"Expected {self.name} as {', '.join(FLOATS)}. Received: "
                f"{self.dtype}. Quantized weights are not supported."
            )
        return dataclasses.replace(self, axes=axes)

    def __array__(self, dtype=None, copy=None) -> np.ndarray:
        values = self.read().astype(dtype or np.float32, copy=False)
        if self.axes is Axes.SWAPPED:
            return values.T
        return values.reshape(self.shape)
