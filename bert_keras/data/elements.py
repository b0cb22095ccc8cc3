"""What the components of a dataset's elements mean, by structure and dtype.

In Keras `(x, y, w)` is input, label and weight; here `(text, text_b, label)`
is a labelled pair too. What could be either is refused, not guessed.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from bert_keras.data.arrays import plain
from bert_keras.data.columns import WEIGHT_NAME
from bert_keras.data.errors import DataError
from bert_keras.data.tagged_rows import LABEL_KEYS, TEXT_KEYS

_ADVICE = (
    "Give dicts, {'text': ..., 'label': ..., 'sample_weight': ...}, or ((text, "
    "text_b), label, sample_weight)."
)


# Kinds of the components of a tagger's elements: text, whole, float.
_TAGGED = {
    "t": ("text",),
    "tt": ("text", "tags"),
    "tw": ("text", "predicate"),
    "ttf": ("text", "tags", WEIGHT_NAME),
    "twt": ("text", "predicate", "tags"),
    "twtf": ("text", "predicate", "tags", WEIGHT_NAME),
}


class Names(NamedTuple):
    """Column names that a reader gives to the components.

    Attributes:
        text: The text; the first text of a pair.
        text_b: The second text of a pair.
        label: The label.
        always_pairs: Whether two strings are always a pair, never a text and
            its label.
    """

    text: str = "text"
    text_b: str = "text_b"
    label: str = "label"
    always_pairs: bool = False


def element_reader(
    spec, source: str, names: Names, *, labelled: bool
) -> tuple[list[str], Callable]:
    """Returns a dataset's columns and a function from elements to cells.

    | element, labelled                   | columns                         |
    |-------------------------------------|---------------------------------|
    | `(string, any)`                     | text, label                     |
    | `(string, int or float, number)`    | text, label, sample_weight      |
    | `(string, string, string or int)`   | text, text_b, label             |
    | `(string, string, float)`           | refused as ambiguous            |
    | `((string, string), any[, number])` | text, text_b, label, weight     |
    | `({...}, any[, number])`            | names of the dict, label, weight |
    | `{...}`                             | names of the dict               |

    A vector of strings is not a text, so `(string, [string], float)` is text,
    labels and weight. Without labels, `(string, string)` is a pair.

    Args:
        spec: The `element_spec` of an unbatched dataset.
        source: Name of the dataset in messages.
        names: Column names of the components.
        labelled: Whether to read labels.

    Returns:
        Column names, and a function from an element to its cells by name.

    Raises:
        DataError: If elements have another form, or an ambiguous one.
    """
    if isinstance(spec, dict):
        return list(spec), lambda element: {
            name: plain(part) for name, part in element.items()
        }
    parts = spec if isinstance(spec, tuple) else (spec,)
    if names.always_pairs and list(map(_kind, parts[:2])) == ["text"] * 2:
        parts = (parts[:2], *parts[2:])
    if isinstance(parts[0], dict | tuple):
        shape = _nested(parts, source, names)
    else:
        shape = _flat(parts, source, names, labelled=labelled)
    columns = [name for part in shape for name in _listed(part)]

    def cells(element) -> dict:
        element = element if isinstance(spec, tuple) else (element,)
        if len(element) != len(shape):  # two strings that are a pair
            element = (element[:2], *element[2:])
        return dict(_named(shape, element))

    return columns, cells


def tagged_names(spec, source: str, *, labelled: bool) -> dict:
    """Returns where the components of a tagger's elements are.

    See `tagged_items` for the forms of elements.

    Args:
        spec: The `element_spec` of a dataset, batched or not.
        source: Name of the dataset in messages.
        labelled: Whether tags are required.

    Returns:
        Position or key of each component by its name: `text` and, if present,
        `predicate`, `tags` and `sample_weight`.

    Raises:
        DataError: If elements have another form.
    """
    if isinstance(spec, dict):
        known = ("predicate", WEIGHT_NAME)
        found = {name: name for name in known if name in spec}
        for name, keys in (("text", TEXT_KEYS), ("tags", LABEL_KEYS)):
            if key := next((key for key in keys if key in spec), None):
                found[name] = key
    else:
        parts = spec if isinstance(spec, tuple) else (spec,)
        names = _TAGGED.get("".join(_kind(part)[0] for part in parts), ())
        found = {name: at for at, name in enumerate(names)}
    if "text" not in found or (labelled and "tags" not in found):
        raise DataError(
            f"{source}: Expected elements (text, tags), (words, tags) or "
            "dicts, {'text': ..., 'tags': ..., 'sample_weight': ...}. "
            f"Received {_shown(spec)}."
        )
    return found


def _nested(parts: tuple, source: str, names: Names) -> tuple:
    """Returns the names in (x, y, weight), where x is nested."""
    x = parts[0]
    if isinstance(x, dict):
        inner = {name: name for name in x}
    else:
        inner = (names.text, names.text_b)
    rest = (names.label, WEIGHT_NAME)[: len(parts) - 1]
    if len(inner) != len(x) or len(parts) > 3:
        raise _other_form(parts, source)
    return inner, *rest


def _flat(parts: tuple, source: str, names: Names, *, labelled: bool) -> tuple:
    """Returns the names in a flat tuple."""
    kinds = list(map(_kind, parts))
    text, text_b, label, _ = names
    if kinds == ["text"]:
        return (text,)
    if kinds == ["text", "text"] and not labelled:
        return text, text_b
    if kinds[0] == "text" and len(kinds) == 2:
        return text, label
    if kinds[0] != "text" or len(kinds) != 3:
        raise _other_form(parts, source)
    if kinds[1] != "text" and kinds[2] in ("whole", "float"):
        return text, label, WEIGHT_NAME
    if kinds[1] == "text" and kinds[2] == "float":
        raise DataError(
            f"{source}: Expected elements with one possible reading. Received "
            f"{_shown(parts)}, which may be (text, text_b, label) or (text, "
            f"label, sample_weight). {_ADVICE}"
        )
    if kinds[1] == "text":
        return text, text_b, label
    raise _other_form(parts, source)


def _other_form(parts: tuple, source: str) -> DataError:
    return DataError(
        f"{source}: Expected elements that are texts, (text, label), (text, "
        "label, sample_weight), (text, text_b, label) or dicts. Received "
        f"{_shown(parts)}. {_ADVICE}"
    )


def _kind(spec) -> str:
    """Returns the kind of a component."""
    if isinstance(spec, dict | tuple):
        return "nested"
    if spec.dtype.name == "string":
        return "text" if spec.shape.rank == 0 else "texts"
    return "float" if spec.dtype.is_floating else "whole"


def _shown(spec) -> str:
    if isinstance(spec, dict):
        spec = [f"{name!r}: {_shown(part)}" for name, part in spec.items()]
        return f"{{{', '.join(spec)}}}"
    if isinstance(spec, tuple):
        return f"({', '.join(map(_shown, spec))})"
    return f"{spec.dtype.name}{'' if spec.shape.rank == 0 else spec.shape}"


def _listed(part) -> list[str]:
    return [part] if isinstance(part, str) else list(part)


def _named(shape, element) -> Iterator[tuple]:
    """Yields (name, value) for all components of an element."""
    if isinstance(shape, str):
        yield shape, plain(element)
        return
    pairs = shape.items() if isinstance(shape, dict) else enumerate(shape)
    for key, name in pairs:
        yield from _named(name, element[key])
