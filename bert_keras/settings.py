"""The settings of a training, checked without TensorFlow."""

import dataclasses

PRECISIONS = ("float32", "bfloat16")


@dataclasses.dataclass(frozen=True)
class TrainingSettings:
    """The settings of one training; the defaults are those of BERT's paper.

    Attributes:
        epochs: Passes over the training data.
        batch_size: Examples per update.
        learning_rate: The peak, reached at the end of the warm-up.
        warmup_ratio: Share of all updates during which the learning rate rises
            from zero; over the rest it falls back to zero.
        weight_decay: Decoupled decay of kernels and embeddings; biases and
            normalizations do not decay.
        layer_decay: Factor on the learning rate from each encoder block to the
            one below it (https://arxiv.org/abs/1905.05583); 1 trains all
            blocks alike.
        global_clipnorm: Gradients are scaled down to this norm, taken over all
            of them together.
        gradient_accumulation_steps: Slices in which a batch is computed. The
            update is that of the whole batch; memory is that of a slice.
        steps_per_epoch: Updates per epoch; `None` takes all data once.
        patience: Epochs without improvement after which training stops;
            0 never stops it early. The best epoch's weights are kept.
        seed: Of the order of examples and of dropout.
        save_seconds: Seconds between two saves of the training's state.

    Raises:
        ValueError: If a value is out of its range.
    """

    epochs: int = 3
    batch_size: int = 32
    learning_rate: float = 3e-5
    warmup_ratio: float = 0.1
    weight_decay: float = 0.01
    layer_decay: float = 1.0
    global_clipnorm: float = 1.0
    gradient_accumulation_steps: int = 1
    steps_per_epoch: int | None = None
    patience: int = 0
    seed: int = 42
    save_seconds: float = 60.0

    def __post_init__(self):
        for name, low, high in (
            ("epochs", 1, 10_000),
            ("batch_size", 1, 1_000_000),
            ("learning_rate", 0.0, 10.0),
            ("warmup_ratio", 0.0, 1.0),
            ("weight_decay", 0.0, 1.0),
            ("layer_decay", 0.01, 1.0),
            ("global_clipnorm", 1e-6, 1e6),
            ("gradient_accumulation_steps", 1, self.batch_size),
            ("steps_per_epoch", 1, 10_000_000),
            ("patience", 0, 10_000),
            ("seed", 0, 2**31 - 1),
            ("save_seconds", 0.0, 1e6),
        ):
            value = getattr(self, name)
            if name == "steps_per_epoch" and value is None:
                continue
            whole = isinstance(low, int)
            if not _is_number(value, whole) or not low <= value <= high:
                raise ValueError(
                    f"Expected `{name}` from {low} to {high}"
                    f"{', a whole number' if whole else ''}. "
                    f"Received: {name}={value!r}"
                )

    def check_validation(self, validated: bool) -> None:
        """Raises `ValueError` if `patience` needs data that is not there."""
        if self.patience and not validated:
            raise ValueError(
                f"Expected `validation_data` with patience={self.patience}, "
                "to tell which epoch is best."
            )

    def to_dict(self) -> dict:
        """Returns the fields by name, ready for JSON."""
        return dataclasses.asdict(self)


def _is_number(value, whole: bool) -> bool:
    kinds = int if whole else int | float
    return isinstance(value, kinds) and not isinstance(value, bool)


def check_precision(precision: str) -> None:
    """Raises `ValueError` unless weights can have this precision."""
    if precision not in PRECISIONS:
        raise ValueError(
            f"Expected `precision` to be {' or '.join(PRECISIONS)}. "
            f"Received: precision={precision!r}"
        )


def check_mask_rate(rate: float) -> None:
    """Raises `ValueError` unless this share of tokens can be masked."""
    if not 0 < rate < 1:
        raise ValueError(
            "Expected `mask_rate` above 0 and below 1. Received: "
            f"mask_rate={rate!r}. BERT was trained with 0.15."
        )
