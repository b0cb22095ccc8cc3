"""Semantic roles: which spans count, and which belong together."""

from collections.abc import Sequence

from bert_keras.metrics.entities import Entity

_VERB = "V"
_CONTINUES = "C-"


def is_role(label: str) -> bool:
    """Whether a label names an argument, and not a part of one or the verb."""
    return label != _VERB and not label.startswith(_CONTINUES)


def role_arguments(entities: Sequence[Entity]) -> list[Entity]:
    """Makes the arguments of a predicate of spans, as CoNLL-2005 counts them.

    A span `C-ARG1` goes on with the last `ARG1` before it, and the predicate
    itself, `V`, does not count: it was given.

    Args:
        entities: (start, end, label), in order.

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
            # With nothing to go on with, it stands for itself.
            arguments.append([[(start, end)], of])
    return [(tuple(places), label) for places, label in arguments]
