"""What defines a task: the protocol of `Classification` and others.

A task is one file that reads from top to bottom in the order of the data:

    source -> read -> training_data -> head -> loss        (training)
    texts  -> answer -> measure, mistakes, figures         (inference)

`answer` is the body of the exported graph, and `predict` and `evaluate` run
that same graph: there is only one path from strings to answers.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import keras
import numpy as np
import tensorflow as tf

from bert_keras.checkpoints import Contents, HeadSettings
from bert_keras.tasks.from_checkpoint import TrainedHead
from bert_keras.tasks.network import Network
from bert_keras.training import BatchSource, Monitor


class Problem(Protocol):
    """What `Task` needs to know about a task; its arguments are the options.

    Attributes:
        kind: Name on the command line and in files.
    """

    kind: str

    def __init__(self, *arguments, **options): ...

    @property
    def labels(self) -> Sequence[str] | None:
        """Names of the classes in order; `None` if there are none."""
        ...

    @property
    def columns(self) -> tuple[str, ...]:
        """Options of `read` that name columns of a table."""
        ...

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the signature's inputs, in order."""
        ...

    @property
    def truncates(self) -> bool:
        """Whether what does not fit into a sequence is dropped.

        Otherwise windows read it.
        """
        ...

    @property
    def monitor(self) -> Monitor:
        """What says that an epoch is better than another."""
        ...

    def to_dict(self) -> dict[str, Any]:
        """Returns the constructor's arguments, ready for JSON."""
        ...

    # === To and from a checkpoint ===
    def head_settings(self) -> HeadSettings:
        """Returns what a checkpoint says about the head besides its weights."""
        ...

    @classmethod
    def trained_head(cls, contents: Contents) -> TrainedHead | None:
        """Returns the head that a checkpoint has for the task, if any."""
        ...

    # === From a source to training data ===
    def read(self, source, labels=None, **options) -> Any:
        """Reads examples, which have a length and a `source` for messages.

        Args:
            source: See the reader of the task's data.
            labels: Labels, if the source holds texts alone.
            **options: `labelled`, `sample_weight`, `limit` and names of
                columns, as far as the reader takes them.
        """
        ...

    def adapt(self, examples) -> None:
        """Infers from training data what was not given, such as labels."""
        ...

    def training_data(self, examples, preprocessor) -> BatchSource:
        """Returns sequences and targets; raises `DataError` if they are bad."""
        ...

    def head(self, encoder: keras.Model, *, seed: int) -> keras.layers.Layer:
        """Returns a new head, called with the encoder's outputs and inputs."""
        ...

    def loss(self, targets: tf.Tensor, logits, /) -> tf.Tensor:
        """Returns the loss of each example, float32 [batch]."""
        ...

    # === From strings to answers ===
    def texts(self, examples) -> dict[str, list]:
        """Returns the signature's inputs by name, each as long as examples."""
        ...

    def answer(
        self, texts: Mapping[str, tf.Tensor], preprocessor, network: Network
    ) -> dict[str, tf.Tensor]:
        """Answers a batch, in the graph; each output is [batch, ...]."""
        ...

    def edge_cases(self, edge_case_texts: list) -> list[dict]:
        """Returns inputs on which an export must answer as the task does."""
        ...

    def comparable(self, answer: dict) -> Any:
        """Returns what must not change in an answer when scores are rounded."""
        ...

    def summary(self, answer: dict) -> str:
        """Returns an answer as one line of text."""
        ...

    # A problem may also have `tune(examples, answers)`, which returns a problem
    # tuned on the answers to validation data, or `None`; and
    # `classes(examples)`, the class of each example.

    # === From answers to figures ===
    def measure(self, examples, answers: dict[str, np.ndarray]) -> dict:
        """Returns the metrics of answers; see `bert_keras.metrics`."""
        ...

    def mistakes(self, examples, answers: dict[str, np.ndarray]) -> list[dict]:
        """Returns the worst answers, worst first."""
        ...

    def figures(self, examples, answers: dict[str, np.ndarray]) -> dict:
        """Returns figures by file name."""
        ...
