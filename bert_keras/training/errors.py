"""Why a training can stop, each with what to try next."""

from bert_keras.training.settings import TrainingSettings


class TrainingDiverged(RuntimeError):
    """The loss or a gradient is no longer a finite number."""

    def __init__(self, step: int, epoch: int, settings: TrainingSettings):
        super().__init__(
            "Expected a finite loss and finite gradients. Received NaN or "
            f"infinity at step {step} (epoch {epoch + 1}). The weights are "
            "those before this step. Try a lower learning rate "
            f"(now {settings.learning_rate:g}, try "
            f"{settings.learning_rate / 3:.1g}), a longer warm-up (now "
            f"{settings.warmup:g}, try {min(1.0, settings.warmup + 0.1):g}), "
            "or float32 if you train in bfloat16."
        )


class OutOfMemory(RuntimeError):
    """A step needs more memory than there is."""

    def __init__(
        self, step: int, shape: tuple[int, int], settings: TrainingSettings
    ):
        rows, length = shape
        slices = min(settings.batch_size, 2 * settings.accumulation)
        super().__init__(
            f"Expected step {step} to fit into memory. Received: a batch of "
            f"{rows} rows of {length} pieces in {settings.accumulation} "
            f"slice(s). Try accumulation={slices} (the same training, half "
            f"the memory: on the command line --accumulation {slices}), then "
            f"batch_size={max(1, settings.batch_size // 2)}, or a shorter "
            "max_length."
        )
