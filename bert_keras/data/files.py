"""Files as lines of text: finding them, and checking that they are text."""

import difflib
import gzip
import importlib.util
import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from bert_keras.data.arrays import plain
from bert_keras.data.errors import DataError, quoted

PACKAGE_PREFIX = "pkg://"
_SUFFIXES = (
    *(".tsv", ".csv", ".jsonl", ".json", ".txt", ".conll", ".bio"),
    *(".parquet", ".arrow", ".feather", ".xlsx", ".xml", ".zip"),
)
_NAME = re.compile(r"([A-Za-z][\w+.-]*://|~?/|\.{1,2}/)\S*")  # or a handle
_BOM = b"\xef\xbb\xbf"


def find_file(source: str | Path) -> Path:
    """Returns the file at a path or a `pkg://package/path`.

    Raises:
        DataError: If there is no such file, or it is a folder.

    Example:
        >>> find_file("pkg://bert_keras/data/customer_messages/dev.tsv").name
        'dev.tsv'
    """
    if str(source).startswith(PACKAGE_PREFIX):
        path = _in_package(str(source))
    else:
        path = Path(source)
    try:
        path = path.expanduser()
        is_folder, is_file = path.is_dir(), path.is_file()
    # A text instead of a path may be too long for one, or begin with ~.
    except (OSError, RuntimeError) as error:
        raise DataError(
            f"{str(source)[:80]}: Expected a path to a file. Received: "
            f"{getattr(error, 'strerror', None) or error}."
            f"{_text_advice(source)}"
        ) from None
    if is_folder:
        files = sorted(item.name for item in path.iterdir() if item.is_file())
        raise DataError(
            f"{source}: Expected a file. Received a folder with the files: "
            f"{quoted(files[:8])}. Name one of them.{_text_advice(source)}"
        )
    if not is_file:
        raise DataError(
            f"{source}: Expected a file. Received a path that does not exist "
            f"(looked in {path.parent.resolve()}).{_similar(path)}"
            f"{_text_advice(source)}"
        )
    return path


def is_one_text(source) -> bool:
    """Whether a source is a single text, not the name of a file.

    | source | read as |
    |---|---|
    | `"a fine film"`, `b"a fine film"`, `tf.constant("a fine film")` | a text |
    | `"dev.tsv"`, `"dev.jsonl.gz"`, `"tfds://glue"`, `"./runs"` | a name |
    | the path of an existing file or folder, any `Path` | a name |

    Anything that looks like a file name counts as one: to read a text that
    does, put it into a list.

    Args:
        source: Anything.

    Example:
        >>> is_one_text("a fine film"), is_one_text("dev.tsv")
        (True, False)
        >>> is_one_text("See https://keras.io for more."), is_one_text(["a"])
        (True, False)
    """
    if getattr(source, "shape", None) == ():  # a scalar array or tensor
        source = plain(source)
    if isinstance(source, bytes):
        return True
    if not isinstance(source, str):
        return False
    if source.lower().removesuffix(".gz").endswith(_SUFFIXES):
        return False
    if _NAME.fullmatch(source):
        return False
    if not source:
        return True
    try:
        path = Path(source)
        # A word with a slash is a path if its folder exists.
        inside = len(path.parts) > 1 and not any(map(str.isspace, source))
        return not (path.exists() or (inside and path.parent.is_dir()))
    except (OSError, ValueError):  # too long for a name, or with a NUL in it
        return True


def read_lines(path: Path, source: str) -> Iterator[str]:
    """Yields the lines of a UTF-8 file, line ends kept.

    Args:
        path: The file; `.gz` files are decompressed.
        source: Its name in messages.

    Raises:
        DataError: While iterating, if the file cannot be opened or is not
            UTF-8 text.
    """
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rb") as file:
            yield from decode_lines(file, source)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(
            f"{source}: Expected a readable file. Received: {error}. Check "
            "its permissions and that it was copied completely."
        ) from error


def decode_lines(lines: Iterable[bytes], source: str) -> Iterator[str]:
    """Yields lines of bytes as text; a byte order mark is dropped.

    Raises:
        DataError: While iterating, at a line that is not UTF-8 text.
    """
    for number, line in enumerate(lines, start=1):
        if number == 1:
            line = line.removeprefix(_BOM)
        if b"\0" in line:
            raise DataError(
                f"{source}:{number}: Expected text in UTF-8. Received a NUL "
                "byte: this is a binary file or text in UTF-16. Save it as "
                "UTF-8 text."
            )
        try:
            yield line.decode("utf-8")
        except UnicodeDecodeError as error:
            raise DataError(
                f"{source}:{number}: Expected text in UTF-8. Received the "
                f"byte 0x{line[error.start]:02x} at byte {error.start + 1} of "
                "the line. Save the file as UTF-8; if it is Latin-1: iconv "
                "-f latin1 -t utf-8 OLD > NEW"
            ) from None


def _in_package(handle: str) -> Path:
    """Returns the path of a file in a package, without importing it."""
    package, _, inside = handle.removeprefix(PACKAGE_PREFIX).partition("/")
    # A path that begins with a slash would replace the package's folder.
    if Path(inside).is_absolute() or ".." in Path(inside).parts:
        raise DataError(
            f"{handle}: Expected a path inside the package. Received: "
            f"{inside!r}. Give a file outside of it by its own path."
        )
    spec = None
    if package.isidentifier():
        spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise DataError(
            f"{handle}: Expected the name of an installed package after "
            f"{PACKAGE_PREFIX}. Received: {package!r}. Install it in this "
            "environment or correct the name."
        )
    folders = [Path(folder) for folder in spec.submodule_search_locations]
    paths = [folder / inside for folder in folders]
    return next((path for path in paths if path.exists()), paths[0])


def _text_advice(source: str | Path) -> str:
    """Returns how to pass a text, if the source has several words."""
    if len(str(source).split()) < 2:
        return ""
    return " If it is a text, not a file, put it into a list: [text]."


def _similar(path: Path) -> str:
    """Returns a hint at existing files with a similar name."""
    if not path.parent.is_dir():
        return " That folder does not exist either."
    names = [item.name for item in path.parent.iterdir()]
    close = difflib.get_close_matches(path.name, names, n=3)
    return f" Did you mean {quoted(close)}?" if close else " Check the path."
