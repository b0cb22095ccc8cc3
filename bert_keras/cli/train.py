"""`bert-keras train TASK`: fine-tune, report, resume."""

import dataclasses

import typer

from bert_keras.cli.checks import check_encoder, check_settings, read_data
from bert_keras.cli.groups import add_tasks
from bert_keras.cli.output import (
    note,
    print_json,
    print_long_texts,
    print_report,
)
from bert_keras.cli.task_options import TASKS, TaskOptions
from bert_keras.cli.training_options import (
    AugmentOptions,
    DataOptions,
    Schedule,
    TrainingOptions,
)

_POLICIES = {"float32": "float32", "bfloat16": "mixed_bfloat16"}


def run(
    options: TaskOptions,
    data: DataOptions,
    schedule: Schedule,
    augmenting: AugmentOptions,
    training: TrainingOptions,
) -> None:
    """Trains a task and reports."""
    check_settings(
        training,
        validated=data.dev is not None,
        **dataclasses.asdict(schedule),
    )
    examples, validation = read_data(options, data.train, data.dev)
    augmenting.check(examples)
    check_encoder(training, options)
    augment = augmenting.augmentation(training.seed)
    task = build(options, training)
    note(
        f"{len(examples)} training example{'s' * (len(examples) != 1)}"
        + (f", {len(validation)} for validation" if validation else "")
        + f" · {task.encoder.count_params():,} parameters · {training.out}"
    )
    history = task.fit(
        examples,
        validation_data=validation,
        run_dir=training.out,
        augment=augment,
        tensorboard=training.tensorboard,
        **dataclasses.asdict(schedule),
        **training.settings,
    )
    if training.json:
        print_json(
            {
                "run": str(training.out),
                "history": list(history),
                "metrics": task.metrics,
                "long_texts": task.long_texts,
            }
        )
        return
    print_long_texts("training", task.long_texts)
    if task.metrics:
        print_report(task.metrics, task.labels)
    note(f"Saved the run to {training.out}, figures to {training.out}/plots.")


def build(options: TaskOptions, training: TrainingOptions):
    """Builds a task on the encoder that was named."""
    from bert_keras.tasks import TASKS

    task = TASKS[options.kind].from_handle(
        training.encoder,
        max_length=training.max_length,
        dtype=_POLICIES[training.precision],
        seed=training.seed,
        preprocessor=training.preprocessor,
        trust=training.trust,
        **options.arguments,
    )
    if training.lora is not None:
        task.enable_lora(training.lora)
    if training.freeze is not None:
        blocks = training.freeze
        task.encoder.freeze(int(blocks) if blocks.isdecimal() else blocks)
    return task


train = typer.Typer(no_args_is_help=True)
add_tasks(train, TASKS, run)
