"""The data of classification and regression: single texts or pairs."""

import numpy as np

from bert_keras import contract
from bert_keras.data import DataError, Examples, read_examples
from bert_keras.task_specs.spec import TaskSpec


def check_pooling(pooling: str) -> None:
    """Raises `ValueError` unless this is the name of a pooling."""
    if pooling not in contract.POOLINGS:
        raise ValueError(
            f"Expected `pooling` to be one of {', '.join(contract.POOLINGS)}. "
            f"Received: pooling={pooling!r}"
        )


class PooledSpec(TaskSpec):
    """Single texts or pairs in, one target for each.

    Attributes:
        pooling: How the tokens of a sequence are pooled.
        windows: How texts are read that do not fit into a sequence.
        stride: Tokens from one window to the next.
        max_windows: Windows of a text at most.
        pair: Whether texts come in pairs; `None` until data is read.
    """

    columns = ("text", "text_b", "label")
    pooling: str
    windows: str
    stride: int | None
    max_windows: int | None
    pair: bool | None

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the signature's inputs."""
        if self.pair:
            return contract.TEXT_A, contract.TEXT_B
        return (contract.TEXT,)

    def read(self, source, labels=None, **options) -> Examples:
        """Reads texts or pairs, and labels; see `read_examples`."""
        return read_examples(source, labels, **options)

    def adapt(self, examples: Examples) -> None:
        """Infers whether texts come in pairs, unless it is given."""
        if self.pair is None:
            self.pair = examples.texts_b is not None

    def check(self, examples: Examples) -> None:
        """Raises `DataError` unless texts and targets are as in training."""
        self.texts(examples)
        self.targets(examples)

    def targets(self, examples: Examples) -> np.ndarray:
        """Returns the targets of the loss, [examples, ...]."""
        raise NotImplementedError

    def texts(self, examples: Examples) -> dict[str, list]:
        """Returns the texts by input; raises unless they are as in training."""
        if (examples.texts_b is not None) != bool(self.pair):
            expected, received = "pairs of texts", "single texts"
            if not self.pair:
                expected, received = received, expected
            raise DataError(
                f"{examples.source}: Expected {expected}, as in training. "
                f"Received {received}. Name the columns with --text-column "
                "and --text-b-column (in Python: text='...', text_b='...')."
            )
        columns = [examples.texts]
        if examples.texts_b is not None:
            columns.append(examples.texts_b)
        return dict(zip(self.inputs, columns, strict=True))
