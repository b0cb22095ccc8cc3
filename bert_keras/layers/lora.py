"""LoRA: a dense layer is adapted by two small matrices, and kept as it is."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("bert_keras")
class LoraAdapter(keras.layers.Layer):
    """What LoRA adds to the output of a dense layer: x A B.

    The layer's kernel W stays frozen, and A B, a matrix of low rank, is
    trained in its stead: x W + x A B = x (W + A B). B starts at zero, so that
    the first step sees the pretrained layer. https://arxiv.org/abs/2106.09685

    `keras.layers.Dense.enable_lora` computes the same, but saves W + A B in
    one, rounded to the compute dtype, and zeroes both A and B when it is
    loaded: from there no gradient leads on. It also multiplies A B out at
    every call. This layer saves A and B, and multiplies tokens by them.

    Without a rank the layer has no weights and must not be called.

    Args:
        input_width: Rows of the kernel.
        output_width: Columns of the kernel.
        rank: Columns of A and rows of B; `None` for an adapter that is not in
            use yet.

    Call arguments:
        x: float [..., input_width], the input of the dense layer.

    Returns:
        float [..., output_width], to be added to the dense layer's output.

    Example:
        >>> adapter = LoraAdapter(2, 2, rank=1)
        >>> _ = adapter.lora_a.assign([[1], [2]])
        >>> _ = adapter.lora_b.assign([[3, 4]])
        >>> np.array(adapter(np.array([[1.0, 1.0]]))).tolist()
        [[9.0, 12.0]]
    """

    def __init__(
        self,
        input_width: int,
        output_width: int,
        *,
        rank: int | None = None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.input_width = input_width
        self.output_width = output_width
        self.rank = None
        # Weights come and go with `enable` and `disable`. A layer that is
        # built by Keras would accept no new ones.
        self.built = True
        if rank is not None:
            self.enable(rank)

    def enable(self, rank: int, initializer="he_uniform") -> None:
        """Adds the two matrices; the output does not change by that.

        Args:
            rank: Columns of A and rows of B.
            initializer: For A; B is zero.

        Raises:
            ValueError: If `rank` is no whole number of at least 1, or the
                adapter has a rank already.
        """
        check_rank(rank, current=self.rank)
        # float32 even where the policy is bfloat16: updates are small, and
        # would be rounded away.
        self.lora_a = self.add_weight(
            shape=(self.input_width, rank),
            initializer=initializer,
            dtype="float32",
            name="lora_a",
        )
        self.lora_b = self.add_weight(
            shape=(rank, self.output_width),
            initializer="zeros",
            dtype="float32",
            name="lora_b",
        )
        self.rank = rank

    def merge_into(self, dense: keras.layers.Dense) -> None:
        """Adds A B to the kernel of a dense layer and drops A and B."""
        kernel = ops.cast(dense.kernel, "float32")
        dense.kernel.assign(kernel + ops.matmul(self.lora_a, self.lora_b))
        del self.lora_a, self.lora_b
        self.rank = None

    def call(self, x):
        a = ops.cast(self.lora_a, self.compute_dtype)  # [input_width, rank]
        b = ops.cast(self.lora_b, self.compute_dtype)  # [rank, output_width]
        return ops.matmul(ops.matmul(x, a), b)

    def get_config(self):
        return {
            **super().get_config(),
            "input_width": self.input_width,
            "output_width": self.output_width,
            "rank": self.rank,
        }


def check_rank(rank, *, current: int | None = None) -> None:
    """Raises unless LoRA of this rank can be enabled.

    Args:
        rank: Must be a whole number of at least 1.
        current: The rank of LoRA that is enabled already, if any.
    """
    if not isinstance(rank, int) or isinstance(rank, bool) or rank < 1:
        raise ValueError(
            "Expected `rank` to be a whole number of at least 1. Received: "
            f"rank={rank!r}. Try 8."
        )
    if current is not None:
        raise ValueError(
            f"Expected no LoRA to be enabled yet. Received: rank={rank}, while "
            f"LoRA of rank {current} is enabled. Call `merge_lora()` first."
        )
