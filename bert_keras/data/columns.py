"""Which columns contain the text, the second text and the label."""

import difflib
from typing import NamedTuple

from bert_keras.data.errors import DataError, quoted

# Column names of published data sets, compared case-insensitively. The first
# of each tuple is the project's own and takes precedence; two of the others
# in one table are ambiguous.
TEXT_NAMES = (
    "text",
    "sentence",
    "text_a",
    "sentence1",
    "question1",
    "#1 string",
    "premise",
    "text1",
    "question",
    "message",
    "utterance",
    "query",
    "review",
    "comment",
    "tweet",
    "content",
)
PAIR_NAMES = (
    ("text", "text_b"),
    ("text_a", "text_b"),
    ("sentence1", "sentence2"),
    ("question1", "question2"),
    ("#1 string", "#2 string"),
    ("premise", "hypothesis"),
    ("text1", "text2"),
    ("question", "sentence"),
    ("question", "passage"),
    ("question", "context"),
)
LABEL_NAMES = (
    "label",
    "labels",
    "gold_label",
    "category",
    "intent",
    "class",
    "score",
    "quality",
    "is_duplicate",
    "sentiment",
    "similarity",
    "stars",
    "target",
)
WEIGHT_NAME = "sample_weight"
_OPTIONS = {
    "text": "--text-column",
    "text_b": "--text-b-column",
    "label": "--label-column",
}


class Columns(NamedTuple):
    """Names of the columns to read; `None` for those that are not read."""

    text: str
    text_b: str | None = None
    label: str | None = None
    weight: str | None = None


def choose_columns(
    found: list[str],
    source: str,
    *,
    text: str | None = None,
    text_b: str | None = None,
    label: str | None = None,
    labelled: bool = True,
) -> Columns:
    """Chooses among the columns of a source.

    A name that is given must exist. Others are detected by the column names
    of published data sets; `text` and `label` take precedence. Naming `text`
    alone reads single texts, even from a file of pairs. A column
    `sample_weight` contains the examples' weights.

    | found                          | text        | text_b      | label     |
    |--------------------------------|-------------|-------------|-----------|
    | `text`, `label`                | `text`      |             | `label`   |
    | `label`, `text_a`              | `text_a`    |             | `label`   |
    | `sentence1 sentence2 score`    | `sentence1` | `sentence2` | `score`   |
    | `Quality #1 String #2 String`  | `#1 String` | `#2 String` | `Quality` |

    Args:
        found: The source's column names, in order.
        source: File name or description, for messages.
        text: Name of the text column; detected if `None`.
        text_b: Name of the column of second texts; detected if both are
            `None`.
        label: Name of the label column; detected if `None`.
        labelled: Whether to read labels at all.

    Returns:
        The column names as the source spells them.

    Raises:
        DataError: If a column is missing or more than one column matches.

    Example:
        >>> choose_columns(["sentence", "category"], "train.csv")
        Columns(text='sentence', text_b=None, label='category', weight=None)
    """
    given = {"text": text, "text_b": text_b, "label": label}
    for role, name in given.items():
        if name is not None and (role != "label" or labelled):
            _check_given(role, name, found, source)
    spelled = {
        name.casefold(): name
        for name in found
        if name not in (text, text_b, label)
    }
    if text is None:
        text, partner = _detect_text(spelled, found, source)
        text_b = text_b or partner
    if not labelled:
        label = None
    elif label is None:
        spelled = {k: v for k, v in spelled.items() if v not in (text, text_b)}
        label = _detect("label", LABEL_NAMES, spelled, found, source)
    weight = WEIGHT_NAME if WEIGHT_NAME in found else None
    columns = Columns(text, text_b, label, weight)
    _check_unique(columns, found, source)
    return columns


def _check_given(role: str, name: str, found: list[str], source: str) -> None:
    if name in found:
        return
    close = difflib.get_close_matches(name, found, n=1, cutoff=0.5)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    raise DataError(
        f"{source}: Expected a column {name!r}. Received columns: "
        f"{quoted(found)}.{hint} {_advice(role)}"
    )


def _check_unique(columns: Columns, found: list[str], source: str) -> None:
    for name in columns:
        if name is not None and found.count(name) > 1:
            raise DataError(
                f"{source}: Expected one column {name!r}. Received "
                f"{found.count(name)} with that name. Rename the others."
            )


def _detect_text(
    spelled: dict[str, str], found: list[str], source: str
) -> tuple[str, str | None]:
    """Returns the columns of first and second texts, `None` if single."""
    pairs = {a: b for a, b in PAIR_NAMES if a in spelled and b in spelled}
    single = {k: v for k, v in spelled.items() if k not in pairs.values()}
    text = _detect("text", TEXT_NAMES, single, found, source)
    partner = pairs.get(text.casefold())
    return text, None if partner is None else spelled[partner]


def _detect(
    role: str,
    known: tuple[str, ...],
    spelled: dict[str, str],
    found: list[str],
    source: str,
) -> str:
    """Returns the one column with a known name for this role."""
    matches = [spelled[name] for name in known if name in spelled]
    if len(matches) == 1 or known[0] in spelled:
        return matches[0]
    if matches:
        raise DataError(
            f"{source}: Expected one {role} column. Received several "
            f"candidates: {quoted(matches)}. {_advice(role)}"
        )
    raise DataError(
        f"{source}: Expected a {role} column, named for example "
        f"{quoted(known[:4])}. Received columns: {quoted(found)}. "
        f"{_advice(role)} {_header_advice(found)}"
    )


def _header_advice(found: list[str]) -> str:
    """Returns what else may be wrong with a file of unknown columns."""
    if len(found) == 1 and any(mark in found[0] for mark in ";,\t"):
        return (
            "The cells are not separated as the file extension says: .tsv "
            "means tabs, .csv commas."
        )
    return (
        "If these are not column names, the file has no header: add a first "
        "line that names the columns."
    )


def _advice(role: str) -> str:
    return f"Name the column with {_OPTIONS[role]} (in Python: {role}='...')."
