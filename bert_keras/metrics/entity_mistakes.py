"""What a tagger got wrong, one row for each mistake."""

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
    """Returns the wrong answers, the most certain first; then the missed.

    Args:
        texts: The texts answered.
        truth: Of each text, (start, end, label) of each entity, in characters.
        answers: The same, as a model found them.
        scores: Of the answers, float [texts, answers or more].
        limit: Most rows to return.

    Returns:
        Rows with `index` (position of the example, from 0), `mistake`
        (`type`, `borders`, `invented` or `missed`), `label` and `entity` (the
        true ones), `predicted` and `found` (the answer), `score` and `text`.

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
