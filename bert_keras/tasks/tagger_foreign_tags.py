"""Tags of other libraries' token classifiers, in the order of our own.

A head has one column for each tag, and its files name them in any order. Ours
are O, then B and I of each entity type; see `tag_names`. Tags that are not a
permutation of these are refused: no order of columns gives the same answers.
"""

import numpy as np

from bert_keras.checkpoints import CheckpointError, Contents, StoredTensor
from bert_keras.postprocessing import tag_names

HEAD = "token_classifier"
# Scores from each tag to the next, in heads of our own with a CRF.
TRANSITIONS = "transitions"


def entity_types(tags: tuple[str, ...]) -> tuple[str, ...]:
    """Returns the entity types of tags, in order of appearance.

    Example:
        >>> entity_types(("B-PER", "I-PER", "I-LOC", "B-LOC", "O"))
        ('PER', 'LOC')
    """
    parts = (tag.partition("-") for tag in tags)
    return tuple(dict.fromkeys(name for _, dash, name in parts if dash))


def weights_in_our_order(contents: Contents) -> dict[str, StoredTensor]:
    """Returns the weights of a token classifier, with our tags in our order.

    Args:
        contents: With the head `token_classifier`.

    Raises:
        CheckpointError: If its tags are not O, and B- and I- of each type.
    """
    head, tags = contents.heads[HEAD], contents.labels
    _check(contents, head["dense/bias"].shape[0])
    order = [tags.index(tag) for tag in tag_names(entity_types(tags))]
    return {
        name: _reordered(tensor, name, order) for name, tensor in head.items()
    }


def _reordered(
    tensor: StoredTensor, name: str, order: list[int]
) -> StoredTensor:
    def read() -> np.ndarray:
        values = np.asarray(tensor)[..., order]
        return values[order] if name == TRANSITIONS else values

    return StoredTensor(tensor.name, tensor.shape, read)


def _check(contents: Contents, outputs: int) -> None:
    tags = contents.labels
    if len(tags) != outputs:
        raise CheckpointError(
            f"{contents.source}: Expected a name for each of {outputs} tags. "
            f"Received: {', '.join(tags) or 'none'}. Give them as `id2label` "
            "in config.json."
        )
    expected = set(tag_names(entity_types(tags)))
    if sorted(tags) != sorted(expected) or len(tags) == 1:
        raise CheckpointError(
            f"{contents.source}: Expected the tags O, B-TYPE and I-TYPE, both "
            f"of each entity type. Received: {', '.join(tags)}. "
            f"{_reason(tags, expected)} Train a task on its encoder instead: "
            "TokenTagger.from_handle(handle)."
        )


def _reason(tags: tuple[str, ...], expected: set[str]) -> str:
    others = sorted(set(tags) - expected)
    if missing := sorted(expected - set(tags)):
        others = [*others, f"no {', no '.join(missing)}"]
    return f"It has {', '.join(others)}." if others else ""
