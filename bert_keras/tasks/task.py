"""A task: a preprocessor, a network and a problem, combined.

The problem defines how three functions are chained: `preprocessor` (strings to
ids), `network` (ids to logits) and its own decoding (logits to answers); see
`Problem`. What training changes is in `TaskState`.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import keras

from bert_keras.checkpoints import Contents, read_checkpoint
from bert_keras.data import Augmentation
from bert_keras.serving import answer_rows
from bert_keras.tasks import fit_arguments
from bert_keras.tasks.exporting import export_task
from bert_keras.tasks.fine_tuning import fine_tune, prepare
from bert_keras.tasks.folder import save_task
from bert_keras.tasks.from_checkpoint import build_sharing, build_task
from bert_keras.tasks.reporting import Reporting
from bert_keras.tasks.state import TaskState
from bert_keras.tasks.text_lengths import measure
from bert_keras.training import (
    History,
    OptimizerChoice,
    RunFolder,
    TrainingSettings,
)


class Task(TaskState):
    """What users do with any task; `TextClassifier` and others add the rest.

    Arguments and attributes are those of `TaskState`.
    """

    # === Building ===
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
    ) -> Self:
        """Builds the task on a pretrained encoder.

        Its head starts with new weights, even if the checkpoint has a trained
        one; `bert_keras.load_task` loads that one too.

        Args:
            handle: The encoder's handle; see `bert_keras.load_encoder`.
            *arguments: Arguments of the task's problem, such as `labels`.
            max_length: Tokens per sequence; `None` takes
                `default_max_length`.
            dtype: `"mixed_bfloat16"` trains in bfloat16 with float32 weights.
            seed: Seed of the head's initial weights.
            preprocessor: Another handle, if the encoder's has no vocabulary.
            trust: As in `bert_keras.load_encoder`.
            **options: Arguments of the task's problem.

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
    def from_contents(cls, contents: Contents, *arguments, **options) -> Self:
        """Builds the task on a read checkpoint; see `build_task`."""
        return build_task(cls, contents, *arguments, **options)

    @classmethod
    def sharing_encoder(cls, other: "Task", *arguments, **options) -> Self:
        """Builds the task on another task's encoder; see `build_sharing`."""
        return build_sharing(cls, other, *arguments, **options)

    def enable_lora(self, rank: int) -> None:
        """Trains low-rank updates of the encoder's attention, and the head.

        All other weights of the encoder are frozen (LoRA,
        https://arxiv.org/abs/2106.09685). An export has the updates merged
        into its weights.

        Args:
            rank: Rank of the updates, such as 8.
        """
        self.encoder.enable_lora(rank, seed=self.seed)

    # === Training ===
    def fit(
        self,
        x,
        y=None,
        *,
        validation_data=None,
        validation_split: float = 0.0,
        sample_weight=None,
        class_weight: Mapping | None = None,
        run_dir: str | Path | None = None,
        augment: Augmentation | int | None = None,
        callbacks: Sequence[keras.callbacks.Callback] | None = (),
        optimizer: keras.optimizers.Optimizer | str | None = None,
        loss=None,
        tensorboard: bool = False,
        verbose: int | str = 1,
        **options,
    ) -> History:
        """Fine-tunes encoder and head.

        With a `run_dir`, repeating the call resumes an interrupted training,
        which ends with the same weights, bit for bit on CPU.

        Args:
            x: Training data, anything the problem's `read` takes: a file,
                lists, a data frame, a `tf.data.Dataset` ...; or only texts,
                with `y`.
            y: The labels of the texts.
            validation_data: The same as `x`, or `(x, y)`; measured after each
                epoch.
            validation_split: Share of the training data, from 0 to 1, that is
                held out as validation data, class by class.
            sample_weight: A factor on the loss of each example.
            class_weight: A factor on the loss of each class, by label or
                number.
            run_dir: Folder of the run; see `RunFolder` for what it holds.
            augment: Adds altered copies to the training data; an int is the
                number of copies of each example. See `Augmentation`.
            callbacks: Any Keras callbacks.
            optimizer: A Keras optimizer, which keeps its own learning rate
                and clipping, or the name of one; AdamW if `None`.
            loss: A loss to replace the task's own; see `custom_loss`.
            tensorboard: Whether to write TensorBoard logs into `run_dir`.
            verbose: 0 is silent, 1 shows a progress bar on stderr, 2 a line
                per epoch.
            **options: Fields of `TrainingSettings`, such as `epochs` and
                `learning_rate`, which may also be a Keras schedule; and names
                of the data's columns, such as `text`, if they are not
                detected.

        Returns:
            The logs of each epoch.

        Raises:
            DataError: If the data is bad; nothing is written in that case.
            RunExists: If the folder holds another run.
            TrainingDiverged: If the loss becomes NaN or infinite.
            OutOfMemory: If a step does not fit into memory.
        """
        given = fit_arguments.split(options, self.problem.columns)
        settings = TrainingSettings(**given.settings)
        choice = OptimizerChoice(optimizer, given.schedule)
        choice.check(given.settings)
        reporting = Reporting(
            None if run_dir is None else RunFolder(run_dir),
            _listed(callbacks),
            tensorboard,
            verbose,
        )
        examples, validation = fit_arguments.read(
            self.problem,
            x,
            y,
            sample_weight=sample_weight,
            validation_data=validation_data,
            validation_split=validation_split,
            settings=settings,
            columns=given.columns,
        )
        if isinstance(augment, bool):
            raise ValueError(
                "Expected `augment` to be a number of copies, or an "
                f"`Augmentation`. Received: augment={augment}"
            )
        if isinstance(augment, int):
            augment = Augmentation(augment, seed=settings.seed)
        prepared = prepare(
            self,
            examples,
            validation,
            augment=augment,
            class_weight=class_weight,
        )
        return History(
            fine_tune(self, prepared, settings, choice, reporting, loss)
        )

    # === Inference ===
    def evaluate(self, x, y=None, **columns: str | None) -> dict:
        """Measures the task on labelled data.

        Args:
            x: Anything the problem's `read` takes, or only texts, with `y`.
            y: The labels of the texts.
            **columns: Names of the data's columns, if they are not detected:
                `text`, `text_b`, `label`.

        Returns:
            The metrics of the task; see `bert_keras.metrics`. For tasks that
            may truncate texts also `long_texts`: how many were too long.
        """
        self.check_trained()
        examples = self.problem.read(x, y, **columns)
        answers = self.answers(examples)
        return measure(self.problem, self.preprocessor, examples, answers)

    def predict(self, x, **columns) -> list[dict]:
        """Predicts the answers to texts.

        Args:
            x: One text, a list of texts or of pairs, or anything else that
                the problem's `read` takes.
            **columns: Names of the data's columns, as for `evaluate`.

        Returns:
            The answer to each text: `label` and `score`, and `scores` by
            label; from a regressor only `score`.
        """
        examples = self.problem.read(x, labelled=False, **columns)
        self.check_trained()
        if not len(examples):
            return []
        return answer_rows(self.answers(examples))

    # === Saving ===
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

        Before the version is published, a separate process opens it and its
        answers are compared with the task's.

        Args:
            folder: Holds the versions `1`, `2`, ... as TF Serving expects.
            precision: `"float32"`, or `"bfloat16"` at half the size.
            texts: More texts (or pairs) to compare answers on.

        Returns:
            The folder of the new version.

        Raises:
            ExportRefused: If answers differ; nothing is published in that
                case.
            OSError: If the folder cannot be written.
        """
        self.check_trained()
        return export_task(self, folder, precision=precision, texts=texts)


def _listed(callbacks) -> tuple:
    """Returns callbacks as a tuple; Keras takes one alone or `None` as well."""
    if isinstance(callbacks, keras.callbacks.Callback):
        return (callbacks,)
    return tuple(callbacks or ())
