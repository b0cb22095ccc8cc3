"""A task: a preprocessor, a network and a problem, held together.

The problem says how the three functions `preprocessor` (strings to ids),
`network` (ids to numbers) and its own decoding (numbers to answers) follow
each other; see `Problem`.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import keras
import numpy as np

from bert_keras.checkpoints import Contents, read_checkpoint
from bert_keras.data import Augmentation
from bert_keras.preprocessing import Preprocessor
from bert_keras.serving import answer_rows
from bert_keras.tasks.beside import build_beside
from bert_keras.tasks.exporting import ServedTask, export_task
from bert_keras.tasks.fine_tuning import fine_tune, split_columns
from bert_keras.tasks.folder import save_task
from bert_keras.tasks.from_checkpoint import build_task
from bert_keras.tasks.inference import Inference
from bert_keras.tasks.network import Network
from bert_keras.tasks.problem import Problem
from bert_keras.tasks.text_lengths import measure
from bert_keras.training import RunFolder, TrainingSettings


class Task:
    """What all tasks share; `TextClassifier` and the others say the rest.

    Args:
        encoder: A pretrained encoder.
        preprocessor: The one that belongs to it.
        problem: Targets, head, loss, decoding and metrics of the task.
        seed: Of the head's fresh weights.
        handle: Where the encoder came from.
    """

    problem_class: type
    default_max_length = 128  # pieces of a row, if the encoder has as many
    special_tokens_in_text = False  # whether `[MASK]` in a text is the piece

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
        self.problem = problem
        self.seed = seed
        self.handle = handle
        self.trained = False
        self.metrics: dict = {}
        self.long_texts: dict = {}  # of the training data
        self._network = None
        self._inference = None

    @classmethod
    def from_handle(
        cls,
        handle: str | Path,
        *arguments,
        max_length: int | None = None,
        dtype: str | None = None,
        seed: int = 42,
        preprocessor: str | Path | None = None,
        trust: bool = False,
        **options,
    ):
        """Builds the task on a pretrained encoder.

        Its head starts afresh, even if the checkpoint has a trained one;
        `bert_keras.load_task` takes that one too.

        Args:
            handle: Of the encoder; see `bert_keras.load_encoder`.
            *arguments: Of the task's problem, such as `labels`.
            max_length: Pieces of a row; `None` takes `default_max_length`.
            dtype: `"mixed_bfloat16"` trains in bfloat16 with float32 weights.
            seed: Of the head's fresh weights.
            preprocessor: Its handle, if the encoder's has no vocabulary.
            trust: As in `bert_keras.load_encoder`.
            **options: Of the task's problem.

        Returns:
            The task, ready to be trained.
        """
        return cls.from_contents(
            read_checkpoint(handle),
            *arguments,
            handle=handle,
            max_length=max_length,
            dtype=dtype,
            seed=seed,
            preprocessor=preprocessor,
            trust=trust,
            **options,
        )

    @classmethod
    def from_contents(cls, contents: Contents, *arguments, **options):
        """Builds the task on a checkpoint that was read; see `build_task`."""
        return build_task(cls, contents, *arguments, **options)

    @classmethod
    def beside(cls, other: "Task", *arguments, **options):
        """Builds the task on another's encoder; see `build_beside`."""
        return build_beside(cls, other, *arguments, **options)

    @property
    def labels(self) -> tuple[str, ...] | None:
        """Names of the classes, if the task has any and knows them."""
        return self.problem.labels

    @property
    def network(self) -> Network:
        """Encoder and head; the head is made when it is first needed."""
        if self._network is None:
            head = self.problem.head(self.encoder, seed=self.seed)
            self._network = Network(self.encoder, head)
        return self._network

    def fit(
        self,
        source,
        *,
        validation_data=None,
        run_dir: str | Path | None = None,
        augment: Augmentation | int | None = None,
        callbacks: Sequence[keras.callbacks.Callback] = (),
        tensorboard: bool = False,
        progress: bool = True,
        **options,
    ) -> list[dict]:
        """Fine-tunes encoder and head.

        With a `run_dir`, the same call again goes on where a cut-off training
        stood, and ends with the same weights, bit for bit on CPU.

        Args:
            source: Training data, anything the problem's `read` takes: a
                file, lists, a data frame, a `tf.data.Dataset` ...
            validation_data: The same, measured after each epoch.
            run_dir: Folder of the run; see `RunFolder` for what it keeps.
            augment: Adds altered copies to the training data; a number is
                that of copies of each example. See `Augmentation`.
            callbacks: Any Keras callbacks.
            tensorboard: Whether to write TensorBoard logs into `run_dir`.
            progress: Whether to show a progress bar on stderr.
            **options: Of `TrainingSettings`, such as `epochs`, and names of
                the data's columns, `text` for one, where they are not found
                by themselves.

        Returns:
            One dict of numbers for each epoch.

        Raises:
            DataError: If the data is bad; nothing has been written then.
            RunExists: If the folder holds another run.
            TrainingDiverged: If the loss turns NaN.
            OutOfMemory: If a step does not fit into memory.
        """
        columns, options = split_columns(self.problem, options)
        examples = self.problem.read(source, **columns)
        validation = None
        if validation_data is not None:
            validation = self.problem.read(validation_data, **columns)
        return fine_tune(
            self,
            examples,
            validation=validation,
            augment=augment,
            settings=TrainingSettings(**options),
            run=None if run_dir is None else RunFolder(run_dir),
            callbacks=callbacks,
            tensorboard=tensorboard,
            progress=progress,
        )

    def evaluate(self, source, **columns: str | None) -> dict:
        """Measures the task on labelled data.

        Args:
            source: Anything the problem's `read` takes.
            **columns: Names of its columns, if they are not found by
                themselves: `text`, `text_b`, `label`.

        Returns:
            The metrics of the task; see `bert_keras.metrics`. For tasks that
            may cut texts also `long_texts`: how many were too long.
        """
        examples = self.problem.read(source, **columns)
        answers = self.answers(examples)
        return measure(self.problem, self.preprocessor, examples, answers)

    def predict(self, source, **columns: str | None) -> list[dict]:
        """Answers texts.

        Args:
            source: A list of texts or of pairs, or anything else that the
                problem's `read` takes.
            **columns: Names of its columns, as for `evaluate`.

        Returns:
            The answer to each text: `label` and `score`, and `scores` by
            label; a regressor answers `score` alone.
        """
        examples = self.problem.read(source, labelled=False, **columns)
        self.check_trained()
        if not len(examples):
            return []
        return answer_rows(self.answers(examples))

    def save(self, folder: str | Path) -> Path:
        """Writes the task into a folder, for `bert_keras.load_task`."""
        self.check_trained()
        return save_task(
            folder, self.to_dict(), self.network, self.preprocessor
        )

    def export(
        self,
        folder: str | Path,
        *,
        precision: str = "float32",
        texts: Sequence | None = None,
    ) -> Path:
        """Writes the next version of a SavedModel that takes strings.

        The version is opened by a process of its own and its answers are
        compared with the task's before it gets its name.

        Args:
            folder: Holds the versions `1`, `2`, ... as TF Serving takes them.
            precision: `"float32"`, or `"bfloat16"` at half the size.
            texts: More texts (or pairs) to compare answers on.

        Returns:
            The folder of the new version.

        Raises:
            ExportRefused: If answers differ; nothing is published then.
            OSError: If the folder cannot be written.
        """
        self.check_trained()
        return export_task(self, folder, precision=precision, texts=texts)

    def retrace(self) -> None:
        """Drops the graph that answers, because the problem has changed."""
        self._inference = None

    def to_dict(self) -> dict:
        """Returns all but the weights, ready for JSON."""
        return {
            "task": self.problem.kind,
            "problem": self.problem.to_dict(),
            "head": self.problem.head_settings().to_dict(),
            "encoder": self.encoder.config.to_dict(),
            "handle": self.handle,
            "metrics": self.metrics,
            "long_texts": self.long_texts,
        }

    def check_trained(self) -> None:
        """Raises if there is no trained head to answer with."""
        if not self.trained:
            raise ValueError(
                "Expected a trained task. Received one whose head was never "
                "trained. Call `fit` first, or `bert_keras.load_task`."
            )

    def answers(self, examples) -> dict[str, np.ndarray]:
        """Returns the answers to examples, [examples, ...] by output name."""
        return self.ask(self.problem.texts(examples))

    def ask(self, columns: Mapping[str, Sequence]) -> dict[str, np.ndarray]:
        """Answers inputs, [rows] by name, as the exported signature does.

        Returns:
            The outputs of the signature, [rows, ...] by name.
        """
        if self._inference is None:
            served = ServedTask(self.problem, self.preprocessor, self.network)
            self._inference = Inference(served.answer, self.problem.inputs)
        return self._inference(columns)
