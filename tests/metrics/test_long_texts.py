import pytest

from bert_keras.metrics import long_texts_line

COUNTS = {
    "texts": 2000,
    "longer": 37,
    "truncated": 37,
    "lost_tokens": 5310,
    "windows": "first",
    "sequences": 2000,
    "max_length": 128,
}


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {},
            "37 of 2,000 texts are longer than 128 tokens and were truncated: "
            "5,310 tokens were not read. Try --windows mean.",
        ),
        (
            {
                "windows": "max",
                "sequences": 2085,
                "truncated": 0,
                "lost_tokens": 0,
            },
            "37 of 2,000 texts are longer than 128 tokens and were read in "
            "windows: 2,085 sequences for all texts.",
        ),
        (
            {
                "windows": "max",
                "sequences": 2049,
                "truncated": 3,
                "lost_tokens": 900,
            },
            "37 of 2,000 texts are longer than 128 tokens and were read in "
            "windows: 2,049 sequences for all texts. Even so, 3 were "
            "truncated: 900 tokens were not read.",
        ),
        (
            {"longer": 1, "truncated": 1, "lost_tokens": 1},
            "1 of 2,000 texts is longer than 128 tokens and was truncated: 1 "
            "token was not read. Try --windows mean.",
        ),
        ({"longer": 0, "truncated": 0}, ""),
    ],
)
def test_in_words(changes, line):
    assert long_texts_line(COUNTS | changes) == line


def test_tasks_without_counts_say_nothing():
    assert long_texts_line({}) == ""
