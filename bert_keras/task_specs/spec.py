"""What all specs share."""

import dataclasses
from collections.abc import Sequence
from typing import Any, ClassVar


class TaskSpec:
    """The options of a task, and the data it reads.

    A spec is a dataclass whose fields are the task's options. Those that are
    `None` may be inferred from the training data.

    Attributes:
        kind: Name on the command line and in files.
        columns: Options of `read`, such as names of a table's columns.
        labels: Names of the classes in order; `None` if there are none.
    """

    kind: ClassVar[str]
    columns: ClassVar[tuple[str, ...]]
    labels: Sequence[str] | None
    # Of the dataclass that each spec is.
    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]

    @property
    def known_labels(self) -> tuple[str, ...]:
        """Names of the classes in order.

        Raises:
            ValueError: If they are not known yet.
        """
        if self.labels is None:
            raise ValueError(
                "Expected a task with labels, which determine the size of its "
                "head. Received one that has none yet. Pass labels=[...], or "
                "call `fit` first."
            )
        return tuple(self.labels)

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the signature's inputs, in order."""
        raise NotImplementedError

    def to_dict(self) -> dict[str, Any]:
        """Returns the options by name, ready for JSON."""
        options = {
            field.name: getattr(self, field.name)
            for field in dataclasses.fields(self)
        }
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in options.items()
        }

    def read(self, source, labels=None, **options) -> Any:
        """Reads examples, which have a length and a `source` for messages.

        Args:
            source: See the reader of the task's data.
            labels: Labels, if the source holds texts alone.
            **options: `labelled`, `sample_weight`, `limit` and names of
                columns, as far as the reader takes them.
        """
        raise NotImplementedError

    def adapt(self, examples) -> None:
        """Infers from training data the options that were not given."""

    def check(self, examples) -> None:
        """Raises `DataError` unless the task can be trained on the examples.

        Called after `adapt`, for training and for validation data.
        """

    def texts(self, examples) -> dict[str, list]:
        """Returns the signature's inputs by name, each as long as examples."""
        raise NotImplementedError
