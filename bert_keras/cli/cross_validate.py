"""`bert-keras cross-validate TASK`: evaluate a training on all of the data."""

import dataclasses
from typing import Annotated

import typer

from bert_keras.cli.checks import check_encoder, check_settings, read_data
from bert_keras.cli.groups import add_tasks
from bert_keras.cli.output import note, print_json, print_table
from bert_keras.cli.task_options import TASKS, TaskOptions
from bert_keras.cli.train import build
from bert_keras.cli.training_options import (
    DATA,
    AugmentOptions,
    Schedule,
    TrainingOptions,
)


def run(
    options: TaskOptions,
    data: Annotated[str, typer.Option(help=DATA)],
    folds: Annotated[
        int, typer.Option(min=2, help="Number of folds; each is held out once.")
    ] = 5,
    *,
    schedule: Schedule,
    augmenting: AugmentOptions,
    training: TrainingOptions,
) -> None:
    """Cross-validates a task and reports."""
    check_settings(training, validated=True, **dataclasses.asdict(schedule))
    examples, _ = read_data(options, data)
    augmenting.check(examples)
    check_encoder(training, options)
    from bert_keras.experiments import cross_validate as measure_folds

    augment = augmenting.augmentation(training.seed)
    note(f"{len(examples)} examples in {folds} folds · {training.out}")
    results = measure_folds(
        build(options, training),
        examples,
        folds=folds,
        run_dir=training.out,
        augment=augment,
        tensorboard=training.tensorboard,
        **dataclasses.asdict(schedule),
        **training.settings,
    )
    if training.json:
        print_json({"run": str(training.out)} | results)
        return
    _print_table(results)
    note(
        f"Saved the runs to {training.out}/fold-1 and so on, the worst "
        f"mistakes of all folds to {training.out}/mistakes.tsv and figures to "
        f"{training.out}/plots."
    )


def _print_table(results: dict) -> None:
    import rich.table

    from bert_keras.metrics import words

    names = list(results["mean"])
    table = rich.table.Table("fold", *[words(name) for name in names])
    for column in table.columns[1:]:
        column.justify = "right"

    def add(title: str, numbers: dict, **options) -> None:
        cells = [f"{numbers[name]:.4g}" for name in names]
        table.add_row(title, *cells, **options)

    for number, fold in enumerate(results["folds"], start=1):
        last = number == len(results["folds"])
        add(str(number), fold, end_section=last)
    add("mean", results["mean"])
    add("deviation", results["deviation"])
    print_table(table)


cross_validate = typer.Typer(no_args_is_help=True)
add_tasks(cross_validate, TASKS, run)
