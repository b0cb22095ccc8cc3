"""What is known of an encoder that is a SavedModel."""

import dataclasses
import re

from bert_keras.config.ranges import SIZE_RANGES, check_integer, check_numbers


@dataclasses.dataclass(frozen=True)
class SavedModelConfig:
    """What tasks need to know about an encoder that is a SavedModel.

    Attributes:
        hidden_size: Width of its outputs.
        hidden_dropout_prob: Dropout before a head.
        initializer_range: Standard deviation of a head's initial weights.
        saved_model: Subfolder of a task's folder that holds the SavedModel.
    """

    hidden_size: int
    hidden_dropout_prob: float = 0.1
    initializer_range: float = 0.02
    saved_model: str = "encoder"

    def __post_init__(self):
        check_integer(
            "hidden_size", self.hidden_size, *SIZE_RANGES["hidden_size"]
        )
        check_numbers(self)
        name = self.saved_model
        if not isinstance(name, str) or not re.fullmatch(r"\w[\w.-]*", name):
            raise ValueError(
                "Expected `saved_model` to be the name of a subfolder. "
                f"Received: saved_model={name!r}"
            )

    def to_dict(self) -> dict:
        """Returns the fields by name, ready for JSON."""
        return dataclasses.asdict(self)
