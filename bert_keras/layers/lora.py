"""LoRA: two small matrices adapt a dense layer, whose kernel is frozen."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("bert_keras")
class LoraAdapter(keras.layers.Layer):
    """What LoRA adds to the output of a dense layer: x A B.

    The layer's kernel W is frozen. Instead, A and B are trained, whose product
    is a matrix of low rank: x W + x A B = x (W + A B). B starts at zero, so
    that training starts from the pretrained layer.
    https://arxiv.org/abs/2106.09685

    `keras.layers.Dense.enable_lora` computes the same, but it saves W + A B,
    rounded to the compute dtype, and sets both A and B to zero on loading,
    where both their gradients are zero for good. It also computes the product
    A B at every call. This layer saves A and B, and multiplies tokens by them.

    Without a rank the layer has no weights and must not be called.

    Args:
        input_width: Rows of the kernel.
        output_width: Columns of the kernel.
        rank: Columns of A and rows of B; `None` for an adapter that is not
            enabled yet.

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
        # `enable` adds weights, `merge_into` removes them. After `build`,
        # Keras would not accept new ones, so there is no `build`.
        self.built = True
        if rank is not None:
            self.enable(rank)

    def enable(self, rank: int, initializer="he_uniform") -> None:
        """Adds the two matrices; their product is zero at first.

        Args:
            rank: Columns of A and rows of B.
            initializer: For A; B is zero.

        Raises:
            ValueError: If `rank` is not a whole number of at least 1, or the
                adapter has a rank already.
        """
        check_rank(rank, current=self.rank)
        # float32 even if the policy is bfloat16, which would round small
        # updates away.
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
        # A graph that was traced before still adds A B: of zeros, from now on.
        self.lora_b.assign(ops.zeros(self.lora_b.shape))
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
