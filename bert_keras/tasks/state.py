"""The state of a task: its problem, its network, its inference graph."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import keras
import numpy as np

from bert_keras.preprocessing import Preprocessor
from bert_keras.tasks.inference import Inference, ServedTask
from bert_keras.tasks.network import Network
from bert_keras.tasks.problem import Problem
from bert_keras.training import raw_bytes


class TaskState:
    """Holds everything that belongs to a task, above all what training changes.

    Its attributes depend on each other. What a change makes stale is dropped
    here, and nowhere else:

    | change | what becomes stale |
    |---|---|
    | the problem: labels, a threshold, `k` | the inference graph |
    | the weights, by a training | metrics, counts of long texts, the graph |

    Args:
        encoder: A pretrained encoder.
        preprocessor: The preprocessor that belongs to it.
        problem: Targets, head, loss, decoding and metrics of the task.
        seed: Seed of the head's initial weights.
        handle: Where the encoder came from.

    Attributes:
        trained: Whether the head has been trained.
        metrics: Metrics of the current weights on the validation data of their
            training; empty if there was none.
        long_texts: Counts of the training data; see `count_long_texts`.
    """

    problem_class: type[Problem]
    default_max_length = 128  # tokens, if the encoder has as many positions
    special_tokens_in_text = False  # whether `[MASK]` in a text is the token

    def __init__(
        self,
        encoder: keras.Model,
        preprocessor: Preprocessor,
        problem: Problem,
        *,
        seed: int = 42,
        handle: str = "",
    ):
        self.encoder = encoder
        self.preprocessor = preprocessor
        self.seed = seed
        self.handle = handle
        self.trained = False
        self.metrics: dict = {}
        self.long_texts: dict = {}
        self._problem = problem
        self._network: Network | None = None
        self._inference: Inference | None = None
        self._start: tuple[Path, str] | None = None

    @property
    def problem(self) -> Problem:
        """The problem; a new one makes the inference graph stale."""
        return self._problem

    @problem.setter
    def problem(self, problem: Problem) -> None:
        self._problem = problem
        self._inference = None

    @property
    def labels(self) -> Sequence[str] | None:
        """Names of the classes, if the task has any and they are known."""
        return self.problem.labels

    @property
    def network(self) -> Network:
        """Encoder and head; the head is created when it is first needed.

        Raises:
            ValueError: If the head's size depends on labels that are not
                known yet.
        """
        if self._network is None:
            head = self._problem.head(self.encoder, seed=self.seed)
            self._network = Network(self.encoder, head)
        return self._network

    def summary(self, **options) -> None:
        """Prints the layers of encoder and head; see `keras.Model.summary`."""
        self.network.summary(**options)

    def __repr__(self) -> str:
        labels = self.labels or ()
        shown = ", ".join(labels[:5]) + (", ..." if len(labels) > 5 else "")
        parts = [
            "trained" if self.trained else "not trained",
            *([f"{len(labels)} labels: {shown}"] if labels else []),
            f"max_length {self.preprocessor.max_length}",
            repr(self.encoder),
            *([self.handle] if self.handle else []),
        ]
        return f"{type(self).__name__}({'; '.join(parts)})"

    def to_dict(self) -> dict:
        """Returns all but the weights, ready for JSON."""
        return {
            "task": self.problem.kind,
            "problem": self.problem.to_dict(),
            "head": self.problem.head_settings().to_dict(),
            "encoder": self.encoder.config.to_dict(),
            "lora_rank": self.encoder.lora_rank,
            "frozen": self.encoder.frozen,
            "handle": self.handle,
            "metrics": self.metrics,
            "long_texts": self.long_texts,
        }

    # === Training ===
    def begin_training(self, problem: Problem, long_texts: dict) -> None:
        """Drops what does not hold for the weights after training.

        Args:
            problem: The problem, adapted to the training data.
            long_texts: Counts of the training data.
        """
        self.problem = problem
        self.metrics = {}
        self.long_texts = long_texts

    def finish_training(self, metrics: dict) -> None:
        """Records that the weights are trained, and their metrics."""
        self.trained = True
        self.metrics = metrics

    def start_digest(self, folder: Path) -> str:
        """Returns the SHA-256 of the weights that a run starts from.

        If the task that began a run resumes it, or finds it finished, these
        are still the weights that the task had when it began.

        Args:
            folder: The run's folder.
        """
        folder = folder.resolve()
        if self._start is None or self._start[0] != folder:
            self._start = folder, _digest(self._network or self.encoder)
        return self._start[1]

    # === Answering ===
    def check_trained(self) -> None:
        """Raises if there is no trained head."""
        if not self.trained:
            raise ValueError(
                "Expected a trained task. Received one whose head was never "
                "trained. Call `fit` first, or `bert_keras.load_task`."
            )

    def answers(self, examples) -> dict[str, np.ndarray]:
        """Returns the answers to examples, [examples, ...] by output name."""
        return self.ask(self.problem.texts(examples))

    def ask(self, columns: Mapping[str, Sequence]) -> dict[str, np.ndarray]:
        """Answers inputs, [examples] by name, as the exported signature does.

        Returns:
            The outputs of the signature, [examples, ...] by name.
        """
        if self._inference is None:
            served = ServedTask(self._problem, self.preprocessor, self.network)
            self._inference = Inference(served.answer, self._problem.inputs)
        return self._inference(columns)


def _digest(network) -> str:
    digest = hashlib.sha256()
    for name, variable in sorted(network.named_variables.items()):
        digest.update(name.encode())
        digest.update(raw_bytes(variable.numpy()))
    return digest.hexdigest()
