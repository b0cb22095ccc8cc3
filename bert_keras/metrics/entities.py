"""Metrics of entities: exact spans with the correct label count.

The numbers equal those of seqeval in strict mode and of CoNLL's `conlleval`,
which compare tags of words; spans of characters do not depend on how a text
is split into words.
"""

from collections.abc import Sequence
from typing import Any

from bert_keras.metrics.checks import check_labels

NO_ENTITY = "none"

# (start, end, label) in characters, or (spans, label) if discontinuous.
Entity = Sequence[Any]


def entity_metrics(
    truth: Sequence[Sequence[Entity]],
    answers: Sequence[Sequence[Entity]],
    labels: Sequence[str],
) -> dict:
    """Compares predicted entities with the true ones.

    Args:
        truth: (start, end, label) of each true entity in each text, in
            characters.
        answers: (start, end, label) of each predicted entity in each text.
        labels: Names of the entity types.

    Returns:
        examples: Number of texts.
        entities: Number of true entities.
        precision, recall, f1: Over all entities.
        macro_f1: Mean F1 over the labels that occur.
        per_class: `precision`, `recall`, `f1` and `support` by label.
        confusion_matrix: Counts, int [labels + 1, labels + 1]; the last row
            and column mean no entity. A prediction belongs to the true entity
            with which it shares most characters.
        mistakes: Number of entities that are `missed`, `spurious`, of the
            wrong `type` or have a wrong `boundary`.

    Raises:
        ValueError: If the numbers of texts differ, or there are none.

    Example:
        >>> truth = [[(0, 8, "LOC"), (12, 17, "PER")]]
        >>> found = entity_metrics(truth, [[(0, 8, "LOC")]], ["LOC", "PER"])
        >>> found["precision"], found["recall"], round(found["f1"], 3)
        (1.0, 0.5, 0.667)
    """
    names = check_labels(labels)
    if not truth or len(truth) != len(answers):
        raise ValueError(
            "Expected answers for each text and at least one text. Received: "
            f"{len(truth)} texts, {len(answers)} answers"
        )
    counts = _counts(truth, answers, names)
    per_class = {name: _ratios(*row) for name, row in counts.items()}
    seen = [per_class[name] for name, row in counts.items() if any(row[1:])]
    total = _ratios(*map(sum, zip(*counts.values(), strict=True)))
    matrix, mistakes = _confusion(truth, answers, list(counts))
    return {
        "examples": len(truth),
        "entities": total.pop("support"),
        **total,
        "macro_f1": sum(row["f1"] for row in seen) / max(1, len(seen)),
        "per_class": per_class,
        "confusion_matrix": matrix,
        "mistakes": mistakes,
    }


def _counts(truth, answers, names: list[str]) -> dict[str, list[int]]:
    """Returns the number of correct, predicted and true ones, by label."""
    counts = {name: [0, 0, 0] for name in names}
    for right, found in zip(truth, answers, strict=True):
        both = set(map(tuple, right)) & set(map(tuple, found))
        for column, entities in enumerate((both, found, right)):
            for entity in entities:
                # Labels that the model does not know count as missed.
                counts.setdefault(entity[-1], [0, 0, 0])[column] += 1
    return counts


def _ratios(right: int, answered: int, true: int) -> dict:
    return {
        "precision": right / answered if answered else 0.0,
        "recall": right / true if true else 0.0,
        "f1": 2 * right / (answered + true) if answered + true else 0.0,
        "support": true,
    }


def _confusion(truth, answers, names: list[str]) -> tuple[list, dict]:
    at = {name: number for number, name in enumerate([*names, NO_ENTITY])}
    matrix = [[0] * len(at) for _ in at]
    mistakes = {"missed": 0, "spurious": 0, "type": 0, "boundary": 0}
    for right, found in zip(truth, answers, strict=True):
        for true, answer in match_entities(right, found):
            row = true[-1] if true else NO_ENTITY
            matrix[at[row]][at[answer[-1] if answer else NO_ENTITY]] += 1
            if kind := mistake(true, answer):
                mistakes[kind] += 1
    return matrix, mistakes


def mistake(true: Entity | None, answer: Entity | None) -> str:
    """Returns the kind of mistake, an empty string if there is none."""
    if true is None or answer is None:
        return "spurious" if true is None else "missed"
    if true[-1] != answer[-1]:
        return "type"
    return "" if tuple(true) == tuple(answer) else "boundary"


def match_entities(
    truth: Sequence[Entity], answers: Sequence[Entity]
) -> list[tuple[Entity | None, Entity | None]]:
    """Matches each true entity with the prediction that overlaps it most.

    Args:
        truth: (start, end, label) of the true entities of a text.
        answers: (start, end, label) of the predicted ones.

    Returns:
        Pairs of (true, predicted); `None` where an entity has no partner.

    Example:
        >>> match_entities([(0, 5, "A")], [(2, 5, "B"), (7, 9, "A")])
        [((0, 5, 'A'), (2, 5, 'B')), (None, (7, 9, 'A'))]
    """
    shared = sorted(
        (
            (-_shared(true, answer), i, j)
            for i, true in enumerate(truth)
            for j, answer in enumerate(answers)
            if _shared(true, answer)
        ),
    )
    partner: dict[int, Entity] = {}
    taken: set[int] = set()
    for _, i, j in shared:
        if i not in partner and j not in taken:
            partner[i] = answers[j]
            taken.add(j)
    pairs = [(true, partner.get(i)) for i, true in enumerate(truth)]
    rest = [answer for j, answer in enumerate(answers) if j not in taken]
    return [*pairs, *((None, answer) for answer in rest)]


def _shared(left: Entity, right: Entity) -> float:
    """Returns the number of shared characters, plus 0.5 if equal."""
    total = 0.0
    for a, b in _spans(left):
        for c, d in _spans(right):
            total += max(0, min(b, d) - max(a, c))
    return total + 0.5 * (tuple(left) == tuple(right))


def _spans(entity: Entity) -> Sequence[tuple[int, int]]:
    if len(entity) == 3:
        start, end, _ = entity
        return ((start, end),)
    return entity[0]
