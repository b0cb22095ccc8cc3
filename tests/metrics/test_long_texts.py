import pytest

from bert_keras.metrics import long_texts_line

COUNTS = {
    "texts": 2000,
    "longer": 37,
    "cut": 37,
    "lost_pieces": 5310,
    "windows": "first",
    "rows": 2000,
    "max_length": 128,
}


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {},
            "37 of 2,000 texts are longer than 128 pieces and were cut: 5,310 "
            "pieces were not read. Try --windows mean.",
        ),
        (
            {"windows": "max", "rows": 2085, "cut": 0, "lost_pieces": 0},
            "37 of 2,000 texts are longer than 128 pieces and were read by "
            "windows, all texts in 2,085 rows.",
        ),
        (
            {"windows": "max", "rows": 2049, "cut": 3, "lost_pieces": 900},
            "37 of 2,000 texts are longer than 128 pieces and were read by "
            "windows, all texts in 2,049 rows. Of 3 the rest was cut: 900 "
            "pieces were not read.",
        ),
        (
            {"longer": 1, "cut": 1, "lost_pieces": 1},
            "1 of 2,000 texts is longer than 128 pieces and was cut: 1 piece "
            "was not read. Try --windows mean.",
        ),
        ({"longer": 0, "cut": 0}, ""),
    ],
)
def test_in_words(changes, line):
    assert long_texts_line(COUNTS | changes) == line


def test_tasks_without_counts_say_nothing():
    assert long_texts_line({}) == ""
