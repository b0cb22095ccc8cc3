"""Publish: write the next version folder, complete and verified."""

import contextlib
import dataclasses
import json
import shutil
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bert_keras import contract
from bert_keras.digests import folder_digests
from bert_keras.export.save_module import save_module
from bert_keras.export.verify import verify

if TYPE_CHECKING:
    import tensorflow as tf

    from bert_keras.preprocessing import Vocabulary


@dataclasses.dataclass(frozen=True)
class Export:
    """What `publish` writes.

    Attributes:
        module: Has all variables and tables of the signatures.
        signatures: `tf.function`s by name, with input signatures.
        manifest: Content of `bert_keras.json`.
        vocabulary: Saved as well, so that an export is also a handle.
        card: The model card, in Markdown.
        rows: Inputs to verify the export on, one dict of texts each.
        answers: The expected answers to them, one dict each.
        comparable: Returns the part of an answer that must not change when
            scores are rounded.
        precision: That of the exported weights.
        add_files: Writes further files into the version's folder.
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
    """Writes, verifies and names the next version.

    It is written under a name that is not a number, which a watching server
    ignores, and renamed when it is verified.

    Args:
        folder: The folder of the versions; created if it is missing.
        export: What to write.

    Returns:
        The version's folder.

    Raises:
        ExportRefused: If the SavedModel gives other answers than expected.
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
            "digests": folder_digests(unfinished),
        }
        path = unfinished / contract.EXPORT_MANIFEST
        path.write_text(
            json.dumps(manifest, indent=2, ensure_ascii=False) + "\n",
            encoding="utf-8",
        )
        return _name(folder, unfinished)
    except OSError as error:
        # An error of `write` does not name the file.
        if error.errno and not error.filename:
            error.filename = str(folder)
        raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
        _remove_empty(made)


def _make(folder: Path) -> list[Path]:
    """Creates a folder; returns which ones were missing, the deepest first."""
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        _remove_empty(made)
        raise OSError(
            f"Expected a folder for the versions that can be created. "
            f"Received: {folder} ({error.strerror}). Choose another."
        ) from error
    return made


def _remove_empty(folders: list[Path]) -> None:
    for folder in folders:
        with contextlib.suppress(OSError):
            folder.rmdir()  # fails if something was published


def _write(folder: Path, export: Export) -> None:
    signatures = {
        name: function.get_concrete_function()
        for name, function in export.signatures.items()
    }
    save_module(export.module, folder, signatures)
    (folder / "README.md").write_text(export.card, encoding="utf-8")
    export.vocabulary.save(folder / contract.VOCABULARY)
    export.add_files(folder)


def _name(folder: Path, unfinished: Path) -> Path:
    while True:
        numbers = [int(p.name) for p in folder.iterdir() if p.name.isdecimal()]
        version = folder / str(max(numbers, default=0) + 1)
        try:
            # A rename onto a folder with files fails: no version is
            # overwritten, even if two exports end at the same moment.
            unfinished.rename(version)
        except OSError:
            if not version.exists():
                raise
        else:
            return version
