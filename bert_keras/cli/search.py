"""`bert-keras index` and `bert-keras search`: find texts by meaning."""

import itertools
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from bert_keras.cli.options import Json, TextColumn, Trust
from bert_keras.cli.output import note, one_line, print_json, print_line

_CHUNK = 4096


def index(
    model: Annotated[
        Path, typer.Argument(help="Embedder: a task or an exported version.")
    ],
    file: Annotated[
        str,
        typer.Argument(help="Texts: TXT (one per line), TSV, CSV or JSONL."),
    ],
    out: Annotated[Path, typer.Argument(help="New folder for the index.")],
    text_column: TextColumn = None,
    trust: Trust = False,
    json: Json = False,
):
    """Embed the texts of a file, for `bert-keras search`."""
    from bert_keras.data import stream_texts

    saved = _find_embedder(model)
    texts = (text for text, _ in stream_texts(file, text=text_column))
    # The first are read before TensorFlow is imported.
    first = list(itertools.islice(texts, _CHUNK))
    embed = _embedder(saved, trust)
    from bert_keras.postprocessing import write_index

    parts = _parts(itertools.chain(first, texts), embed)
    count = write_index(out, parts, model=str(model.resolve()))
    if json:
        print_json({"index": str(out), "texts": count})
    else:
        note(f"{count:,} texts in {out}. Try: bert-keras search {out} QUERY")


def search(
    folder: Annotated[Path, typer.Argument(help="Folder of an index.")],
    queries: Annotated[
        list[str] | None,
        typer.Argument(help="Texts to look for; default: the lines of stdin."),
    ] = None,
    count: Annotated[int, typer.Option(min=1, help="Texts to show.")] = 5,
    model: Annotated[
        Path | None,
        typer.Option(help="Model of the index, if it has moved."),
    ] = None,
    trust: Trust = False,
    json: Json = False,
):
    """Find the texts of an index that are nearest to a query."""
    from bert_keras.postprocessing import TextIndex

    texts = TextIndex.open(folder)
    embed = _embedder(_find_embedder(model or Path(texts.model)), trust)
    # One by one, so that a typed line is answered at once.
    for query in queries or (line.rstrip("\n") for line in sys.stdin):
        (found,) = texts.search(embed([query]), count)
        if json:
            print_json({"query": query, "found": found})
            continue
        for row in found:
            print_line(f"{row['score']:.4f}", one_line(row["text"]))
        sys.stdout.flush()


def _find_embedder(folder: Path):
    """Returns what `find_saved` does, if it is an embedder."""
    from bert_keras.cli.opened import find_saved

    saved = find_saved(folder)
    if saved.spec.kind != "embedder":
        raise ValueError(
            f"Expected an embedder. Received: {folder}, a "
            f"{saved.spec.kind}. Train one with: bert-keras train embedder"
        )
    return saved


def _embedder(saved, trust: bool):
    """Returns a function from texts to vectors [texts, width]."""
    from bert_keras.cli.opened import open_saved
    from bert_keras.contract import EMBEDDING, TEXT

    opened = open_saved(saved, trust=trust)
    return lambda texts: opened.ask({TEXT: texts})[EMBEDDING]


def _parts(texts: Iterator[str], embed):
    while chunk := list(itertools.islice(texts, _CHUNK)):
        yield chunk, embed(chunk)
