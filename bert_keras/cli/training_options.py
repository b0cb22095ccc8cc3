"""The options that the training of every task has, written down once.

Each group is a dataclass whose fields are options of the command line; a verb
takes the groups it needs, see `groups`. An option that is a field of
`TrainingSettings` is handed to `fit` by its name alone.
"""

import dataclasses
from pathlib import Path
from typing import Annotated, Any

import typer

from bert_keras.cli.options import Json, Trust
from bert_keras.settings import TrainingSettings

DATA = "TSV, CSV or JSONL file, pkg://package/file or tfds://name?split=train."


@dataclasses.dataclass(frozen=True, kw_only=True)
class DataOptions:
    """Training and validation data."""

    train: Annotated[str, typer.Option(help=DATA)]
    dev: Annotated[
        str | None,
        typer.Option(help="Validation data, evaluated after each epoch."),
    ] = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Schedule:
    """The settings that a search varies unless told otherwise."""

    epochs: Annotated[
        int,
        typer.Option(min=1, help="Passes over the training data."),
    ] = 3
    batch_size: Annotated[
        int, typer.Option(min=1, help="Examples per update.")
    ] = 32
    learning_rate: Annotated[
        float,
        typer.Option(help="Peak learning rate, reached after the warm-up."),
    ] = 3e-5
    warmup_ratio: Annotated[
        float,
        typer.Option(
            help="Share of the steps in which the learning rate rises."
        ),
    ] = 0.1


@dataclasses.dataclass(frozen=True, kw_only=True)
class AugmentOptions:
    """Augmentation of the training data."""

    augment: Annotated[
        int,
        typer.Option(min=0, help="Altered copies to add per training text."),
    ] = 0
    augment_ways: Annotated[
        str, typer.Option(help="Comma-separated: delete, swap, mask, fill.")
    ] = "delete,swap"
    augment_model: Annotated[
        str | None,
        typer.Option(
            help="For fill: a trained masked-lm, or a handle with its head."
        ),
    ] = None

    def check(self, examples) -> None:
        """Raises `ValueError` unless examples can be altered in these ways."""
        from bert_keras.data import Augmentation
        from bert_keras.handles import resolve

        if not self.augment:
            return
        ways = tuple(self.augment_ways.split(","))
        # Its name stands for the model, which is only loaded to be used.
        model: Any = self.augment_model
        Augmentation(self.augment, ways, model=model).check(examples)
        if self.augment_model is not None:
            resolve(self.augment_model)

    def augmentation(self, seed: int):
        """Returns what alters examples; `None` without --augment."""
        from bert_keras.data import Augmentation

        if not self.augment:
            return None
        ways = tuple(self.augment_ways.split(","))
        return Augmentation(self.augment, ways, seed=seed, model=self._model())

    def _model(self):
        """Returns the masked language model, if one was named."""
        if self.augment_model is None:
            return None
        from bert_keras.tasks import MaskedLanguageModel, load_task

        model = load_task(self.augment_model)
        if not isinstance(model, MaskedLanguageModel):
            raise ValueError(
                "Expected --augment-model to be a masked-lm. Received: "
                f"{self.augment_model}, a {model.problem.kind}. Train one with "
                "`bert-keras train masked-lm`."
            )
        return model


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrainingOptions:
    """What every verb that trains takes, for any task."""

    encoder: Annotated[
        str, typer.Option(help="Handle of a pretrained encoder.")
    ]
    out: Annotated[
        Path,
        typer.Option(help="Folder of the run. The same command resumes it."),
    ]
    weight_decay: Annotated[
        float,
        typer.Option(
            help="Decoupled weight decay (AdamW) of kernels and embeddings."
        ),
    ] = 0.01
    global_clipnorm: Annotated[
        float,
        typer.Option(help="Clip gradients to this global norm."),
    ] = 1.0
    gradient_accumulation_steps: Annotated[
        int,
        typer.Option(
            min=1,
            help="Compute each batch in this many slices, to save memory.",
        ),
    ] = 1
    patience: Annotated[
        int,
        typer.Option(
            help="Stop after this many epochs without improvement; 0: never."
        ),
    ] = 0
    layer_decay: Annotated[
        float,
        typer.Option(
            help="Factor on the learning rate from each block to the one "
            "below it."
        ),
    ] = 1.0
    freeze: Annotated[
        str | None,
        typer.Option(
            help="What of the encoder to keep as it is: embeddings, a number "
            "of blocks (the lowest, and the embeddings), or all."
        ),
    ] = None
    lora: Annotated[
        int | None,
        typer.Option(
            min=1, help="Train low-rank updates (LoRA) of this rank instead."
        ),
    ] = None
    max_length: Annotated[
        int | None,
        typer.Option(
            help="Maximum tokens per sequence; default: 128, for qa 384."
        ),
    ] = None
    precision: Annotated[str, typer.Option(help="float32 or bfloat16.")] = (
        "float32"
    )
    seed: Annotated[
        int, typer.Option(help="Random seed. Runs on CPU repeat bit for bit.")
    ] = 42
    tensorboard: Annotated[
        bool, typer.Option(help="Write TensorBoard logs to OUT/logs.")
    ] = False
    preprocessor: Annotated[
        str | None,
        typer.Option(
            help="Handle of the preprocessor; default: the encoder's."
        ),
    ] = None
    trust: Trust = False
    json: Json = False

    @property
    def settings(self) -> dict:
        """The options that are fields of `TrainingSettings`, by name."""
        return {
            field.name: getattr(self, field.name)
            for field in dataclasses.fields(TrainingSettings)
            if hasattr(self, field.name)
        }
