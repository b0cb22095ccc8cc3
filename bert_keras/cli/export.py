"""`bert-keras export DIR saved_models/NAME`: write and check a version."""

import json as json_module
from pathlib import Path
from typing import Annotated

import typer

from bert_keras import contract
from bert_keras.cli.options import Json, Trust
from bert_keras.cli.output import note, print_json, print_line


def export(
    folder: Annotated[Path, typer.Argument(help="Folder of a trained task.")],
    target: Annotated[
        Path, typer.Argument(help="Folder of versions, saved_models/NAME.")
    ],
    precision: Annotated[
        str, typer.Option(help="float32, or bfloat16 at half the size.")
    ] = "float32",
    trust: Trust = False,
    json: Json = False,
):
    """Write the next version: a SavedModel that takes strings."""
    from bert_keras.cli.checks import check_model
    from bert_keras.settings import check_precision

    check_precision(precision)
    check_model(folder)
    from bert_keras.tasks import load_task

    version = load_task(folder, trust=trust).export(target, precision=precision)
    manifest = (version / contract.EXPORT_MANIFEST).read_text(encoding="utf-8")
    agreement = json_module.loads(manifest)["agreement"]
    if json:
        print_json({"version": str(version), "agreement": agreement})
        return
    note(
        f"{agreement['answers_equal']} of {agreement['texts']} answers of the "
        "SavedModel, in a process of its own, equal the task's; largest "
        f"difference of a score: {agreement['largest_difference']:.1e}."
    )
    print_line(version)
