"""SQuAD's figures: by hand, on published predictions, beside the Garden."""

import json

import pytest

from bert_keras.metrics import best_threshold, squad_metrics
from bert_keras.metrics.squad import best_of, exact_match, normalized, token_f1

FIGURES = {
    "1.1": ("predictions-v1.1-bert-ensemble.json", 86.21, 92.20),
    "2.0": ("predictions-v2.0-bert-single.json", 78.74, 81.78),
}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("The Cat", "cat"),
        ("an  apple a day", "apple day"),
        ("don't", "dont"),
        ("U.S.", "us"),
        ("theory", "theory"),
        ("the.", ""),
        ("co-op  the\u00a0end", "coop end"),
        ("“quoted”", "“quoted”"),
    ],
)
def test_normalized(answer, expected):
    assert normalized(answer) == expected


def test_shared_words_count_once_each():
    assert token_f1("a b b c", "b b d") == pytest.approx(2 * 2 / 6)
    assert token_f1("x", "y") == 0.0
    assert token_f1("", "") == token_f1("the", "") == 1.0
    assert token_f1("x", "") == token_f1("", "x") == 0.0


def test_the_best_true_answer_counts():
    assert best_of(exact_match, "Paris", ["in Paris", "paris"]) == 1.0
    assert best_of(token_f1, "", []) == 1.0
    assert best_of(token_f1, "Paris", []) == 0.0
    # What normalization leaves nothing of is no answer, in version 2.0.
    assert best_of(exact_match, "the", ["the"]) == 1.0
    assert best_of(exact_match, "", ["the", "Paris"]) == 0.0


def test_numbers_of_answers_must_agree():
    with pytest.raises(ValueError, match="2 questions, 1 answers"):
        squad_metrics([["a"], ["b"]], ["a"])
    with pytest.raises(ValueError, match="at least one question"):
        squad_metrics([], [])


def test_best_threshold():
    # Answering the first two and nothing to the third is right.
    threshold, score = best_threshold(
        [0.2, 0.1, 0.9], [1.0, 1.0, 0.0], [True, True, False]
    )
    assert (threshold, score) == (pytest.approx(0.55), 1.0)
    # All answerable: nothing is withheld.
    assert best_threshold([0.3], [1.0], [True])[0] == pytest.approx(0.65)
    # None answerable: everything is.
    assert best_threshold([0.3], [0.0], [False])[0] == pytest.approx(0.15)
    # Equal scores cannot be told apart.
    assert best_threshold([0.5, 0.5], [1.0, 0.0], [True, False])[1] == 0.5


def truth_and_answers(folder, version):
    dataset = json.loads((folder / f"dev-v{version}.json").read_text())["data"]
    answers = json.loads((folder / FIGURES[version][0]).read_text())
    truth = {
        question["id"]: [answer["text"] for answer in question["answers"]]
        for article in dataset
        for paragraph in article["paragraphs"]
        for question in paragraph["qas"]
    }
    return dataset, truth, answers


@pytest.mark.parametrize("version", FIGURES)
@pytest.mark.data
def test_published_predictions(data, version):
    _, truth, answers = truth_and_answers(data / "squad", version)
    found = squad_metrics(
        list(truth.values()),
        [answers.get(name, "") for name in truth],
        version_1=version == "1.1",
    )
    assert round(100 * found["exact_match"], 2) == FIGURES[version][1]
    assert round(100 * found["f1"], 2) == FIGURES[version][2]


@pytest.mark.garden
@pytest.mark.parametrize("version", FIGURES)
def test_model_garden_counts_the_same(data, version):
    dataset, truth, answers = truth_and_answers(data / "squad", version)
    found = squad_metrics(
        list(truth.values()),
        [answers.get(name, "") for name in truth],
        version_1=version == "1.1",
    )
    if version == "1.1":
        from official.nlp.tools import squad_evaluate_v1_1

        theirs = squad_evaluate_v1_1.evaluate(dataset, answers)
        assert found["exact_match"] == pytest.approx(theirs["exact_match"])
        assert found["f1"] == pytest.approx(theirs["final_f1"])
        return
    from official.nlp.tools import squad_evaluate_v2_0

    # Made-up scores, no two alike: the search is what is compared.
    scores = {name: int(name, 16) % 1_000_003 / 1_000_003 for name in truth}
    theirs = squad_evaluate_v2_0.evaluate(dataset, answers, scores)
    assert 100 * found["exact_match"] == pytest.approx(theirs["exact"])
    assert 100 * found["f1"] == pytest.approx(theirs["f1"])
    for name, metric in (("exact", exact_match), ("f1", token_f1)):
        _, best = best_threshold(
            [scores[name] for name in truth],
            [best_of(metric, answers[name], truth[name]) for name in truth],
            [bool(right) for right in truth.values()],
        )
        assert 100 * best == pytest.approx(theirs[f"final_{name}"])
