"""`bert-keras inspect HANDLE`: what a handle holds."""

import json as json_module
from pathlib import Path
from typing import Annotated

import typer

from bert_keras import contract
from bert_keras.cli.options import Json
from bert_keras.cli.output import print_json, print_table
from bert_keras.digests import check_digests
from bert_keras.printable import printable


def inspect(
    handle: Annotated[
        str, typer.Argument(help="Encoder, task folder or exported version.")
    ],
    check: Annotated[
        bool,
        typer.Option(
            "--check", help="Compare every file with the digest in the folder."
        ),
    ] = False,
    json: Json = False,
):
    """Show what a handle holds: architecture, tokenizer, heads."""
    values = _describe(handle)
    if check:
        values["checked"] = _check(handle)
    if json:
        print_json(values)
        return
    import rich.table

    table = rich.table.Table(show_header=False, show_lines=True)
    table.add_column()
    table.add_column(overflow="fold")
    for name, value in values.items():
        if value or value == 0:
            table.add_row(name.replace("_", " "), _text(value))
    print_table(table)


# What a task or an exported version says about itself, besides its weights.
_OWN = ("task", "problem", "precision", "metrics", "agreement", "libraries")


def _describe(handle: str) -> dict:
    from bert_keras.checkpoints import describe, newest_version
    from bert_keras.handles import resolve

    own = _own_file(newest_version(resolve(handle)))
    origin = {"handle": handle}
    if own.get("handle"):
        origin["trained from"] = own["handle"]
    own = {name: own[name] for name in _OWN if name in own}
    return {"origin": origin, **describe(handle), **own}


def _check(handle: str) -> list[str]:
    """Compares all files that a folder lists; returns their names."""
    from bert_keras.checkpoints import newest_version, read_json
    from bert_keras.handles import resolve

    folder = newest_version(resolve(handle))
    for name in (
        contract.TASK_CONFIG,
        contract.EXPORT_MANIFEST,
        contract.ENCODER_CONFIG,
    ):
        path = folder / name
        if path.is_file():
            digests = read_json(path).get("digests")
            if digests:
                return check_digests(path, digests, everything=True)
    raise ValueError(
        f"{folder}: Expected a task, an export or an encoder that bert_keras "
        "wrote, with digests of its files. Received: none. A #sha256= at the "
        "handle's end compares files of other origin."
    )


def _own_file(folder: Path) -> dict:
    """Returns what a task's or an export's file says, if there is one."""
    for name in (contract.TASK_CONFIG, contract.EXPORT_MANIFEST):
        path = folder / name
        if path.is_file():
            return json_module.loads(path.read_text(encoding="utf-8"))
    return {}


def _text(value) -> str:
    if isinstance(value, dict):
        return "\n".join(
            f"{printable(k)}: {_inline(v)}" for k, v in value.items()
        )
    return _inline(value)


def _inline(value) -> str:
    if isinstance(value, dict):
        value = ", ".join(f"{k} {_inline(v)}" for k, v in value.items())
    elif isinstance(value, list):
        value = ", ".join(map(str, value))
    elif isinstance(value, int) and not isinstance(value, bool):
        value = f"{value:,}"
    text = printable(value)
    return text if len(text) <= 200 else text[:197] + "..."
