"""The mistakes of a tagger, one row each."""

from collections.abc import Sequence

from bert_keras.metrics.entities import Entity, match_entities, mistake


def entity_mistakes(
    texts: Sequence[str],
    truth: Sequence[Sequence[Entity]],
    answers: Sequence[Sequence[Entity]],
    scores,
    *,
    limit: int = 200,
) -> list[dict]:
    """Returns wrong entities, the most confident first, then missed ones.

    Args:
        texts: The texts.
        truth: (start, end, label) of each true entity in each text, in
            characters.
        answers: (start, end, label) of each predicted entity in each text.
        scores: Scores of the predicted entities, float [texts, at least as
            many as entities].
        limit: Maximum number of rows to return.

    Returns:
        Rows with `index` (position of the example, from 0), `mistake`
        (`type`, `boundary`, `spurious` or `missed`), `label` and `entity` (the
        true ones), `predicted` and `found` (the prediction), `score` and
        `text`.

    Example:
        >>> rows = entity_mistakes(
        ...     ["in Paris"], [[(3, 8, "PER")]], [[(3, 8, "LOC")]], [[0.5]]
        ... )
        >>> rows[0]["mistake"], rows[0]["entity"], rows[0]["predicted"]
        ('type', 'Paris', 'LOC')
    """
    rows = []
    for index, text in enumerate(texts):
        found = list(answers[index])
        for true, answer in match_entities(truth[index], found):
            if not (kind := mistake(true, answer)):
                continue
            score = scores[index][found.index(answer)] if answer else 0.0
            rows.append(
                {
                    "index": index,
                    "mistake": kind,
                    "label": true[-1] if true else "",
                    "entity": text[true[0] : true[1]] if true else "",
                    "predicted": answer[-1] if answer else "",
                    "found": text[answer[0] : answer[1]] if answer else "",
                    "score": float(score),
                    "text": text,
                }
            )
    return sorted(rows, key=lambda row: -row["score"])[:limit]
