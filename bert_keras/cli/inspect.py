"""`bert-keras inspect HANDLE`: what a handle holds."""

import json as json_module
from pathlib import Path
from typing import Annotated

import typer

from bert_keras import contract
from bert_keras.cli.options import Json
from bert_keras.cli.output import print_json


def inspect(
    handle: Annotated[
        str, typer.Argument(help="Encoder, task folder or exported version.")
    ],
    json: Json = False,
):
    """Show architecture, tokenizer, heads and origin of a handle."""
    values = _describe(handle)
    if json:
        print_json(values)
        return
    import rich.console
    import rich.table

    table = rich.table.Table("", "", show_header=False)
    for name, value in values.items():
        if value or value == 0:
            table.add_row(name, _text(value))
    rich.console.Console(highlight=False).print(table)


def _describe(handle: str) -> dict:
    from bert_keras.checkpoints import describe

    for name in (contract.TASK_CONFIG, contract.EXPORT_MANIFEST):
        path = Path(handle) / name
        if path.is_file():
            return json_module.loads(path.read_text(encoding="utf-8"))
    return describe(handle)


def _text(value) -> str:
    if isinstance(value, dict):
        return "\n".join(f"{k}: {_inline(v)}" for k, v in value.items())
    return _inline(value)


def _inline(value) -> str:
    text = f"{value:,}" if isinstance(value, int) else str(value)
    return text if len(text) <= 200 else text[:197] + "..."
