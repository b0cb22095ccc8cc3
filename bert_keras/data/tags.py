"""Tags of words, in any of the common schemes, as spans of words.

| scheme | Mr. Smith | flew to | New York | London |
|---|---|---|---|---|
| IO | PER PER | O O | LOC LOC | LOC |
| IOB1 | I-PER I-PER | O O | I-LOC I-LOC | B-LOC |
| IOB2 | B-PER I-PER | O O | B-LOC I-LOC | B-LOC |
| BIOES | B-PER E-PER | O O | B-LOC E-LOC | S-LOC |

IOB1 uses B only if an entity directly follows another one of the same type.
BIOES has two more spellings: BILOU (L, U) and BMES (M).
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

OUTSIDE = "O"
_SPELLINGS = {"L": "E", "U": "S", "M": "I"}
_PREFIXES = ("B", "I", "E", "S")


class Span(NamedTuple):
    """A labelled span of words or of characters; `end` is exclusive."""

    start: int
    end: int
    label: str


def detect_scheme(sequences: Iterable[Sequence[str]]) -> str:
    """Returns the scheme of tags: `"IO"`, `"IOB1"`, `"IOB2"` or `"BIOES"`.

    If the tags fit several schemes, all of these read them the same way.

    Args:
        sequences: The tags of each sentence, ideally of a whole file.

    Example:
        >>> detect_scheme([["I-PER", "O"], ["I-LOC", "B-LOC"]])
        'IOB1'
        >>> detect_scheme([["B-PER", "I-PER"], ["B-LOC"]])
        'IOB2'
    """
    prefixes = set()
    # Whether the prefix begins an entity that does not follow one of its type.
    opens = {"B": False, "I": False}
    for tags in sequences:
        before = ""
        for tag in tags:
            prefix, label = _parse(tag)
            prefixes.add(prefix)
            if prefix in opens and label != before:
                opens[prefix] = True
            before = label
    prefixes.discard(OUTSIDE)
    if prefixes & {"E", "S"}:
        return "BIOES"
    if prefixes == {""}:
        return "IO"
    return "IOB1" if opens["I"] and not opens["B"] else "IOB2"


def tag_spans(
    tags: Sequence[str], scheme: str
) -> tuple[list[Span], list[tuple[int, str]]]:
    """Returns the spans that tags encode, and what is wrong with the tags.

    A wrong tag is read so that most is kept: an I without an entity to
    continue begins one.

    Args:
        tags: The tags of a sentence's words.
        scheme: See `detect_scheme`.

    Returns:
        Spans of words in order, and (word, what is wrong) for each fault.

    Example:
        >>> tag_spans(["B-PER", "I-PER", "O", "I-LOC"], "IOB2")
        ([Span(start=0, end=2, label='PER'), Span(start=3, end=4, label='LOC')],
         [(3, 'I-LOC without a B-LOC before it')])
    """
    spans, faults = [], []
    begin, label = None, ""  # of the entity that is open
    for at, tag in enumerate([*tags, OUTSIDE]):
        prefix, of = _parse(tag)
        if prefix == "":
            if scheme != "IO":
                faults.append((at, f"{tag!r} is not a tag of {scheme}"))
            prefix = "I" if scheme == "IO" else "B"
        continues = prefix in ("I", "E") and begin is not None and of == label
        if begin is not None and not continues:
            if scheme == "BIOES":
                faults.append((at - 1, f"{label} does not end in E-{label}"))
            spans.append(Span(begin, at, label))
            begin = None
        if prefix in ("I", "E") and not continues:
            if scheme in ("IOB2", "BIOES"):
                faults.append((at, f"{tag} without a B-{of} before it"))
        if prefix != OUTSIDE and begin is None:
            begin, label = at, of
        if prefix in ("E", "S") and begin is not None:
            spans.append(Span(begin, at + 1, label))
            begin = None
    return spans, faults


def _parse(tag: str) -> tuple[str, str]:
    """Returns prefix and label; a tag without a prefix is only a label."""
    if tag == OUTSIDE:
        return OUTSIDE, ""
    prefix, dash, label = tag.partition("-")
    prefix = _SPELLINGS.get(prefix, prefix)
    if not dash or not label or prefix not in _PREFIXES:
        return "", tag
    return prefix, label
