"""Publish: the next version folder, complete and checked, or not at all."""

import contextlib
import dataclasses
import hashlib
import json
import shutil
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bert_keras import contract
from bert_keras.export.save_module import save_module
from bert_keras.export.verify import verify

if TYPE_CHECKING:
    import tensorflow as tf

    from bert_keras.preprocessing import Vocabulary


@dataclasses.dataclass(frozen=True)
class Export:
    """What is published.

    Attributes:
        module: Holds all variables and tables of the signatures.
        signatures: `tf.function`s by name, with input signatures.
        manifest: What `bert_keras.json` says.
        vocabulary: Saved beside it, so that an export is a handle too.
        card: The model card, Markdown.
        rows: Inputs to check the export on, one dict of texts each.
        answers: The right answers to them, one dict each.
        comparable: What must not change in an answer when scores are rounded.
        precision: Of the exported weights.
        add_files: Writes into the version's folder what else belongs there.
    """

    module: "tf.Module"
    signatures: Mapping
    manifest: dict
    vocabulary: "Vocabulary"
    card: str
    rows: Sequence[dict]
    answers: Sequence[dict]
    comparable: Callable[[dict], object]
    precision: str
    add_files: Callable[[Path], None]


def publish(folder: str | Path, export: Export) -> Path:
    """Writes, checks and names the next version.

    The version is written under a name that is no number, which a watching
    server ignores, and renamed when all is well.

    Args:
        folder: Holds the versions; made if it is missing.
        export: What to write.

    Returns:
        The version's folder.

    Raises:
        ExportRefused: If the SavedModel answers otherwise than it should.
        OSError: If the folder cannot be written.
    """
    folder = Path(folder)
    made = _make(folder)
    unfinished = folder / f".unfinished-{uuid.uuid4().hex}"
    try:
        _write(unfinished, export)
        agreement = verify(
            unfinished,
            export.rows,
            export.answers,
            comparable=export.comparable,
            exact=export.precision == "float32",
        )
        manifest = export.manifest | {
            "agreement": agreement,
            "digests": _digests(unfinished),
        }
        path = unfinished / contract.EXPORT_MANIFEST
        path.write_text(
            json.dumps(manifest, indent=2, ensure_ascii=False) + "\n",
            encoding="utf-8",
        )
        return _name(folder, unfinished)
    except OSError as error:
        # A failed write names no file by itself.
        if error.errno and not error.filename:
            error.filename = str(folder)
        raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
        _remove_empty(made)


def _make(folder: Path) -> list[Path]:
    """Makes a folder and returns which had to be made, the deepest first."""
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        _remove_empty(made)
        raise OSError(
            f"Expected a folder for the versions, or a place to make one. "
            f"Received: {folder} ({error.strerror}). Choose another."
        ) from error
    return made


def _remove_empty(folders: list[Path]) -> None:
    for folder in folders:
        with contextlib.suppress(OSError):
            folder.rmdir()  # fails where something was published


def _write(folder: Path, export: Export) -> None:
    signatures = {
        name: function.get_concrete_function()
        for name, function in export.signatures.items()
    }
    save_module(export.module, folder, signatures)
    (folder / "README.md").write_text(export.card, encoding="utf-8")
    export.vocabulary.save(folder / contract.VOCABULARY)
    export.add_files(folder)


def _digests(folder: Path) -> dict[str, str]:
    digests = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            digests[str(path.relative_to(folder))] = digest
    return digests


def _name(folder: Path, unfinished: Path) -> Path:
    while True:
        numbers = [int(p.name) for p in folder.iterdir() if p.name.isdecimal()]
        version = folder / str(max(numbers, default=0) + 1)
        try:
            # A rename onto a folder with files in it fails: nobody's version
            # is overwritten, even if two exports end at the same moment.
            unfinished.rename(version)
        except OSError:
            if not version.exists():
                raise
        else:
            return version
