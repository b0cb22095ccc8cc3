"""A task: a preprocessor, a network and a problem, held together.

The same three functions serve training and serving: `preprocessor` (strings
to ids), `network` (ids to logits), `decoder` (logits to answers).
"""

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np

from bert_keras.checkpoints import load_encoder, load_preprocessor
from bert_keras.data import DataError, Examples, read_examples
from bert_keras.preprocessing import Preprocessor
from bert_keras.tasks import report
from bert_keras.tasks.fine_tuning import fine_tune
from bert_keras.tasks.folder import save_task
from bert_keras.tasks.inference import Inference
from bert_keras.tasks.network import Network
from bert_keras.tasks.serving import export_task
from bert_keras.training import (
    Rows,
    RunFolder,
    TrainingSettings,
    tokenize_rows,
)


class Task:
    """What all tasks share; `TextClassifier` and the others say the rest.

    Args:
        encoder: A pretrained encoder.
        preprocessor: The one that belongs to it.
        problem: Targets, head, loss, decoding and metrics of the task.
        pair: Whether texts come in pairs; `None` until data says so.
        seed: Of the head's fresh weights.
        handle: Where the encoder came from.
    """

    problem_class: type

    def __init__(
        self,
        encoder: keras.Model,
        preprocessor: Preprocessor,
        problem,
        *,
        pair: bool | None = None,
        seed: int = 42,
        handle: str = "",
    ):
        self.encoder = encoder
        self.preprocessor = preprocessor
        self.problem = problem
        self.pair = pair
        self.seed = seed
        self.handle = handle
        self.metrics: dict = {}
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
        **options,
    ):
        """Builds the task on a pretrained encoder.

        Args:
            handle: Of the encoder; see `bert_keras.load_encoder`.
            *arguments: Of the task's problem, such as `labels`.
            max_length: Pieces of a row; `None` takes 128.
            dtype: `"mixed_bfloat16"` trains in bfloat16 with float32 weights.
            seed: Of the head's fresh weights.
            **options: Of the task's problem.

        Returns:
            The task, ready to be trained.
        """
        problem = cls.problem_class(*arguments, **options)
        preprocessor = load_preprocessor(handle, max_length=max_length)
        encoder = load_encoder(handle, dtype=dtype)
        return cls(
            encoder, preprocessor, problem, seed=seed, handle=str(handle)
        )

    @property
    def labels(self) -> tuple[str, ...] | None:
        """Names of the classes, if the task has any and knows them."""
        return self.problem.labels

    @property
    def network(self) -> Network:
        """Encoder and head; the head is made when it is first needed."""
        if self._network is None:
            head = self.problem.head(
                self.encoder.config,
                seed=self.seed,
                dtype=self.encoder.dtype_policy,
            )
            self._network = Network(self.encoder, head)
        return self._network

    def fit(
        self,
        source,
        *,
        validation_data=None,
        text: str | None = None,
        text_b: str | None = None,
        label: str | None = None,
        run_dir: str | Path | None = None,
        callbacks: Sequence[keras.callbacks.Callback] = (),
        tensorboard: bool = False,
        progress: bool = True,
        **settings,
    ) -> list[dict]:
        """Fine-tunes encoder and head.

        With a `run_dir`, the same call again goes on where a cut-off training
        stood, and ends with the same weights, bit for bit on CPU.

        Args:
            source: Training data, anything `read_examples` takes.
            validation_data: The same, measured after each epoch.
            text: Name of the column of texts, if it is not found by itself.
            text_b: Name of the column of second texts.
            label: Name of the column of labels.
            run_dir: Folder of the run; see `RunFolder` for what it keeps.
            callbacks: Any Keras callbacks.
            tensorboard: Whether to write TensorBoard logs into `run_dir`.
            progress: Whether to show a progress bar on stderr.
            **settings: Of `TrainingSettings`, such as `epochs`.

        Returns:
            One dict of numbers for each epoch.

        Raises:
            DataError: If the data is bad; nothing has been written then.
            RunExists: If the folder holds another run.
            TrainingDiverged: If the loss turns NaN.
            OutOfMemory: If a step does not fit into memory.
        """
        columns = {"text": text, "text_b": text_b, "label": label}
        examples = read_examples(source, **columns)
        validation = None
        if validation_data is not None:
            validation = read_examples(validation_data, **columns)
        return fine_tune(
            self,
            examples,
            validation=validation,
            settings=TrainingSettings(**settings),
            run=None if run_dir is None else RunFolder(run_dir),
            callbacks=callbacks,
            tensorboard=tensorboard,
            progress=progress,
        )

    def evaluate(
        self,
        source,
        *,
        text: str | None = None,
        text_b: str | None = None,
        label: str | None = None,
    ) -> dict:
        """Measures the task on labelled data.

        Args:
            source: Anything `read_examples` takes.
            text: Name of the column of texts, if it is not found by itself.
            text_b: Name of the column of second texts.
            label: Name of the column of labels.

        Returns:
            The metrics of the task; see `bert_keras.metrics`.
        """
        examples = read_examples(source, text=text, text_b=text_b, label=label)
        self.check_trained()
        self.check_pair(examples)
        answers = self.answers(self.rows(examples))
        return self.problem.measure(examples, answers)

    def predict(
        self, source, *, text: str | None = None, text_b: str | None = None
    ) -> list[dict]:
        """Answers texts.

        Args:
            source: A list of texts or of pairs, or anything else that
                `read_examples` takes.
            text: Name of the column of texts, if it is not found by itself.
            text_b: Name of the column of second texts.

        Returns:
            The answer to each text: `label` and `score`, and `scores` by
            label; a regressor answers `score` alone.
        """
        examples = read_examples(
            source, text=text, text_b=text_b, labelled=False
        )
        self.check_trained()
        if not len(examples):
            return []
        self.check_pair(examples)
        return report.answer_rows(self.answers(self.rows(examples)))

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

    def to_dict(self) -> dict:
        """Returns all but the weights, ready for JSON."""
        return {
            "task": self.problem.kind,
            "problem": self.problem.to_dict(),
            "pair": bool(self.pair),
            "encoder": self.encoder.config.to_dict(),
            "handle": self.handle,
            "metrics": self.metrics,
        }

    def check_pair(self, examples: Examples):
        """Raises unless texts are single, or in pairs, as in training."""
        if (examples.texts_b is not None) != self.pair:
            expected, received = "pairs of texts", "single texts"
            if not self.pair:
                expected, received = received, expected
            raise DataError(
                f"{examples.source}: Expected {expected}, as in training. "
                f"Received {received}. Name the columns with --text-column "
                "and --text-b-column (in Python: text='...', text_b='...')."
            )

    def check_trained(self):
        """Raises if there is no trained head to answer with."""
        if self.pair is None:
            raise ValueError(
                "Expected a trained task. Received one whose head was never "
                "trained. Call `fit` first, or `bert_keras.load_task`."
            )

    def rows(self, examples: Examples) -> Rows:
        """Returns the packed ids of examples."""
        return tokenize_rows(
            self.preprocessor, examples.texts, examples.texts_b
        )

    def logits(self, rows) -> np.ndarray:
        """Returns what the network says of rows, float32 [rows, outputs]."""
        if self._inference is None:
            self._inference = Inference(self.network)
        return self._inference(rows)

    def decode(self, logits: np.ndarray) -> dict[str, np.ndarray]:
        """Returns the answers that logits stand for, by name."""
        decoded = self.problem.decoder()(logits)
        return {name: values.numpy() for name, values in decoded.items()}

    def answers(self, rows) -> dict[str, np.ndarray]:
        """Returns the answers to rows, by name of the output."""
        return self.decode(self.logits(rows))
