"""Semantic roles: which spans count, and which belong together."""

from collections.abc import Sequence

from bert_keras.metrics.entities import Entity

_VERB = "V"
_CONTINUES = "C-"


def is_role(label: str) -> bool:
    """Whether a label is an argument, not a continuation or the verb."""
    return label != _VERB and not label.startswith(_CONTINUES)


def role_arguments(entities: Sequence[Entity]) -> list[Entity]:
    """Returns the arguments of a predicate, as CoNLL-2005 counts them.

    A span `C-ARG1` continues the last `ARG1` before it. The predicate itself,
    `V`, does not count, because it is given.

    Args:
        entities: (start, end, label) of spans, in order.

    Returns:
        (((start, end), ...), label) of each argument.

    Example:
        >>> role_arguments([(0, 2, "ARG1"), (3, 7, "V"), (8, 9, "C-ARG1")])
        [(((0, 2), (8, 9)), 'ARG1')]
    """
    arguments: list = []
    for start, end, label in entities:
        of = label.removeprefix(_CONTINUES)
        before = [a for a in arguments if a[1] == of]
        if of != label and before:
            before[-1][0].append((start, end))
        elif of != _VERB:
            # A continuation of nothing is an argument of its own.
            arguments.append([[(start, end)], of])
    return [(tuple(spans), label) for spans, label in arguments]
