"""Errors that stop a training, each with what to try next."""

from bert_keras.settings import TrainingSettings


class TrainingDiverged(RuntimeError):
    """The loss or a gradient is no longer a finite number."""

    def __init__(self, step: int, epoch: int, settings: TrainingSettings):
        ratio = settings.warmup_ratio
        super().__init__(
            "Expected a finite loss and finite gradients. Received NaN or "
            f"infinity at step {step} (epoch {epoch + 1}). The weights are "
            "those before this step. Try a lower learning rate "
            f"(now {settings.learning_rate:g}, try "
            f"{settings.learning_rate / 3:.1g}), a longer warm-up (now "
            f"{ratio:g}, try {min(1.0, ratio + 0.1):g}), or float32 if you "
            "train in bfloat16."
        )


class OutOfMemory(RuntimeError):
    """A step needs more memory than is available."""

    def __init__(
        self, step: int, shape: tuple[int, int], settings: TrainingSettings
    ):
        sequences, length = shape
        slices = settings.gradient_accumulation_steps
        more = min(settings.batch_size, 2 * slices)
        super().__init__(
            f"Expected step {step} to fit into memory. Received: a batch of "
            f"{sequences} sequences of {length} tokens in {slices} slice(s). "
            f"Try gradient_accumulation_steps={more} (the same training, half "
            "the memory: on the command line --gradient-accumulation-steps "
            f"{more}), then batch_size={max(1, settings.batch_size // 2)}, or "
            "a shorter max_length."
        )
