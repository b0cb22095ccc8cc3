"""Question answering: targets by hand, the battery, edge cases."""

import numpy as np
import pytest
import tensorflow as tf
from check_task import check_task
from hypothesis import given, settings
from hypothesis import strategies as st
from small_fit import LIVELY

from bert_keras.data import QuestionExamples
from bert_keras.export import verify
from bert_keras.serving.saved_model import ServedModel
from bert_keras.tasks import QuestionAnswerer, QuestionAnswering, load_task

DATA = [
    ("good?", "the good film is a play", "good film"),
    ("bad?", "the play is not a bad film", "bad film"),
    ("is it good?", "a play. very good", [("very good", 8)]),
    (
        "dull?",
        "dull play, very very dull film. the film is a film",
        "dull play",
    ),
] * 4
UNANSWERABLE = [
    ("good?", "the good film is a play", "good film"),
    ("dull?", "the good film is a play", ""),
    ("good?", "the film is not dull", []),
    ("dull?", "the dull film is a play", "dull film"),
] * 4
KEYS = {"answer", "score", "start", "end", "no_answer_score", "answers"}


@pytest.fixture(scope="module")
def trained(tiny_checkpoint, tmp_path_factory):
    """A task that the battery has seen, and its exported version."""
    folder = tmp_path_factory.mktemp("qa")
    task = QuestionAnswerer.from_handle(tiny_checkpoint)
    with pytest.MonkeyPatch.context() as patch:
        check_task(
            task,
            DATA,
            folder,
            patch,
            metrics={"exact_match", "f1"},
            answer=KEYS,
        )
    return task, ServedModel(folder / "exported" / "1"), folder


def test_battery(trained):
    task, _, folder = trained
    assert task.preprocessor.max_length == 14  # the encoder has no more
    assert task.problem.unanswerable is False
    run = {path.name for path in (folder / "run").rglob("*.*")}
    assert {"metrics.json", "learning_curve.png"} <= run


HARD = {
    "at the very start": ("good?", "good film is the play"),
    "at the very end": ("bad?", "the play is a bad film"),
    "in a later window": ("good?", "the play is . " * 9 + "good film"),
    "twice": ("good?", "good film , the good film is good film"),
    "across borders": ("dull?", "a b c d e f g h i very very dull film a b c"),
    "no context": ("good?", ""),
    "no question": ("", "the good film"),
    "nothing at all": ("", ""),
    "white space": ("good?", " \t\n\u3000 "),
    "no known token": ("good?", "\U0001f600 \u0645\u0631\u062d\u0628\u0627"),
    "no UTF-8": (b"good\xff", b"\xfe the good \xc3 film"),
    "long": ("good?", ("the play is bad , not dull . " * 4000)[:100_000]),
    "short": ("good?", "a b c"),
    "50,000 characters": ("bad?", ("very good film " * 4000)[:50_000]),
}


def test_exported_answers_are_the_tasks_in_a_clean_process(trained):
    task, served, folder = trained
    names = ("question", "context")
    rows = [dict(zip(names, row, strict=True)) for row in HARD.values()]
    found = verify._answers_of(folder / "exported" / "1", rows)
    together = dict(zip(HARD, found, strict=True))
    pairs = list(HARD.values())
    columns = dict(zip(names, map(list, zip(*pairs, strict=True)), strict=True))
    asked = task.ask(columns)
    for number, (name, (_, context)) in enumerate(HARD.items()):
        answer = together[name]
        assert answer["answer"].encode() == asked["answer"][number], name
        assert answer["start"] == asked["start"][number]
        assert answer["score"] == pytest.approx(
            asked["score"][number], abs=1e-5
        )
        if isinstance(context, bytes):
            context = context.decode("utf-8", "ignore")
        for one in (answer, *answer["answers"]):
            assert context[one["start"] : one["end"]] == one["answer"], name
        texts = [one["answer"] for one in answer["answers"]]
        assert len(texts) == len(set(texts))
    for name in ("no context", "nothing at all", "white space"):
        assert together[name]["answer"] == ""
        assert together[name]["start"] == together[name]["end"] == -1
        assert together[name]["no_answer_score"] == 1.0
    assert (
        together["long"]["answer"] and together["50,000 characters"]["answer"]
    )
    # The answer is the same alone and in a batch.
    (alone,) = served.answer([rows[0]])
    assert alone["answer"] == together["at the very start"]["answer"]
    assert alone["score"] == pytest.approx(
        together["at the very start"]["score"], abs=1e-5
    )


@settings(max_examples=40, deadline=None)
@given(
    question=st.text(max_size=20),
    context=st.text(
        st.one_of(
            st.characters(codec="utf-8"),
            st.sampled_from(
                "éÅ\u0301\u200b\ufeffﬁ㎒한\u1112\u1161İς\U0001f600 \x00a"
            ),
        ),
        max_size=60,
    ),
)
def test_answers_are_slices_of_their_contexts(trained, question, context):
    _, served, _ = trained
    (answer,) = served.answer([{"question": question, "context": context}])
    for one in (answer, *answer["answers"]):
        assert context[one["start"] : one["end"]] == one["answer"]


def test_targets_are_positions_in_windows(tiny_checkpoint):
    task = QuestionAnswerer.from_handle(tiny_checkpoint, stride=4)
    data = task.problem.read(
        [
            (
                "good?",
                "a film is a very good bad film , the play is",
                "bad film",
            ),
            ("good?", "a film", ""),
        ]
    )
    found = task.problem.training_data(data, task.preprocessor)
    tokens = task.preprocessor.vocabulary.tokens
    windows = [
        [tokens[i] for i in found.sequences.word_ids[a:b]]
        for a, b in zip(
            found.sequences.starts, found.sequences.starts[1:], strict=False
        )
    ]
    answers = [
        window[first : last + 1]
        for window, (first, last) in zip(windows, found.targets, strict=True)
    ]
    # The first window ends with the answer, the second begins before it.
    assert answers == [["bad", "film"], ["bad", "film"], ["[CLS]"]]
    assert found.targets.dtype == np.int32


def test_the_loss_is_that_of_start_and_end():
    logits = np.zeros((1, 4, 2), np.float32)
    logits[0, 3] = -1e9
    logits[0, 1, 0] = 2.0
    found = QuestionAnswering().loss(np.array([[1, 2]]), tf.constant(logits))
    start = -np.log(np.exp(2) / (np.exp(2) + 2))
    np.testing.assert_allclose(found, [(start + np.log(3)) / 2], rtol=1e-6)


def test_the_threshold_is_tuned_stored_and_used(tiny_checkpoint, tmp_path):
    task = QuestionAnswerer.from_handle(tiny_checkpoint)
    run = {"run_dir": tmp_path / "run", "verbose": 0}
    history = task.fit(
        UNANSWERABLE, validation_data=UNANSWERABLE, **run, **LIVELY
    )
    assert task.problem.unanswerable is True
    tuned = task.problem.tuned
    assert 0 <= tuned <= 1
    assert task.metrics["f1"] == pytest.approx(task.metrics["best_f1"])
    assert task.metrics["best_threshold"] == tuned
    assert {"answered_f1", "unanswered_accuracy"} <= set(task.metrics)
    assert load_task(tmp_path / "run").problem.tuned == tuned
    # A finished run is restored with its threshold.
    again = QuestionAnswerer.from_handle(tiny_checkpoint)
    assert history == again.fit(
        UNANSWERABLE, validation_data=UNANSWERABLE, **run, **LIVELY
    )
    assert again.problem.tuned == tuned
    pairs = [row[:2] for row in UNANSWERABLE[:4]]
    for answer in again.predict(pairs):
        assert (answer["answer"] == "") == (answer["no_answer_score"] > tuned)
        assert answer["answers"]  # the best ones are returned in any case


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"threshold": 1.5}, "`threshold`"),
        ({"stride": 0}, "`stride`"),
        ({"max_answer_length": 0}, "`max_answer_length`"),
    ],
)
def test_options_out_of_range(options, named):
    with pytest.raises(ValueError, match=named):
        QuestionAnswering(**options)


def test_what_is_read_already_is_given_back():
    data = QuestionExamples(["a"], ["b"], [[]])
    assert QuestionAnswering().read(data) is data
