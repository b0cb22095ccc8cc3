"""What a checkpoint says about its head besides the weights.

A task writes it into its own files in the terms of `Contents`, so that the
reader of these files knows no task.
"""

import dataclasses
from collections.abc import Mapping

from bert_keras.checkpoints.readers.sentence_transformers import (
    SentenceSettings,
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class HeadSettings:
    """One head, in the terms of `Contents`.

    Attributes:
        name: Of the head, as in `Contents.heads`.
        labels: As in `Contents`, and so are the others.
        problem_type: See there.
        pooling: See there.
        windows: See there.
        sentence: See there.
        mean: The head's outputs times `scale` plus `mean` are the answers, as
            in a regressor that is trained on standardized scores.
        scale: See `mean`.
    """

    name: str
    labels: tuple[str, ...] = ()
    problem_type: str | None = None
    pooling: str = "cls"
    windows: Mapping[str, str | int | None] = dataclasses.field(
        default_factory=dict
    )
    sentence: SentenceSettings | None = None
    mean: float = 0.0
    scale: float = 1.0

    def to_dict(self) -> dict:
        """Returns the fields by name, ready for JSON.

        Example:
            >>> HeadSettings(name="span").to_dict()["problem_type"] is None
            True
        """
        return {
            "name": self.name,
            "labels": list(self.labels),
            "problem_type": self.problem_type,
            "pooling": self.pooling,
            "windows": dict(self.windows),
            "sentence": self.sentence and self.sentence.to_dict(),
            "mean": self.mean,
            "scale": self.scale,
        }

    @classmethod
    def from_dict(cls, values: dict) -> "HeadSettings":
        """Returns what `to_dict` wrote.

        Raises:
            TypeError: If a field is unknown.
        """
        sentence = values.get("sentence")
        return cls(
            **values
            | {
                "labels": tuple(values.get("labels", ())),
                "sentence": sentence and SentenceSettings.from_dict(sentence),
            }
        )
