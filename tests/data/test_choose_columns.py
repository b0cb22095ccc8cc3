"""Which columns are read, by name and by detection."""

import pytest

from bert_keras.data import DataError
from bert_keras.data.columns import choose_columns


@pytest.mark.parametrize(
    ("found", "chosen"),
    [
        ("text label", ("text", None, "label")),
        ("label text_a", ("text_a", None, "label")),
        ("text category", ("text", None, "category")),
        ("Sentence Label", ("Sentence", None, "Label")),
        ("sentence1 sentence2 score", ("sentence1", "sentence2", "score")),
        ("text text_b label", ("text", "text_b", "label")),
        ("index question sentence label", ("question", "sentence", "label")),
        # The project's own names win over others.
        ("text content label score", ("text", None, "label")),
    ],
)
def test_detected(found, chosen):
    assert choose_columns(found.split(), "a.tsv") == (*chosen, None)


def test_detected_names_with_spaces():
    found = ["Quality", "#1 ID", "#2 ID", "#1 String", "#2 String"]
    assert choose_columns(found, "a.tsv") == (
        "#1 String",
        "#2 String",
        "Quality",
        None,
    )


def test_given_names():
    found = ["headline", "body", "topic"]
    columns = choose_columns(
        found, "a.tsv", text="headline", text_b="body", label="topic"
    )
    assert columns == ("headline", "body", "topic", None)


def test_given_text_alone_reads_single_texts():
    found = ["sentence1", "sentence2", "label"]
    columns = choose_columns(found, "a.tsv", text="sentence2")
    assert columns == ("sentence2", None, "label", None)


def test_given_label_is_not_taken_for_a_text():
    columns = choose_columns(["text", "sentence"], "a.tsv", label="sentence")
    assert columns == ("text", None, "sentence", None)


def test_label_not_wanted():
    columns = choose_columns(["text"], "a.tsv", label="label", labelled=False)
    assert columns == ("text", None, None, None)


def test_weights():
    found = ["sample_weight", "text", "label"]
    columns = choose_columns(found, "a.tsv")
    assert columns == ("text", None, "label", "sample_weight")


def test_wrong_name_lists_the_columns_and_the_closest():
    with pytest.raises(DataError) as caught:
        choose_columns(["sentence", "label"], "a.tsv", text="sentense")
    assert str(caught.value) == (
        "a.tsv: Expected a column 'sentense'. Received columns: 'sentence', "
        "'label'. Did you mean 'sentence'? Name the column with --text-column "
        "(in Python: text='...')."
    )


def test_no_label_column():
    with pytest.raises(DataError, match=r"'text', 'topic'.*--label-column"):
        choose_columns(["text", "topic"], "a.tsv")


def test_file_without_a_header():
    with pytest.raises(DataError, match=r"'a fine film', '1'.*no header"):
        choose_columns(["a fine film", "1"], "a.tsv")


@pytest.mark.parametrize("name", ["text;label", "text\tlabel", "text,label"])
def test_file_with_other_separators(name):
    with pytest.raises(DataError, match=r"\.tsv means tabs, \.csv commas"):
        choose_columns([name], "a.csv")


def test_ambiguous_columns():
    with pytest.raises(DataError, match=r"'review', 'tweet'.*--text-column"):
        choose_columns(["tweet", "review", "label"], "a.tsv")
    with pytest.raises(DataError, match=r"'category', 'stars'.*--label-column"):
        choose_columns(["text", "stars", "category"], "a.tsv")


def test_column_that_is_there_twice():
    with pytest.raises(DataError, match=r"one column 'text'\. Received 2"):
        choose_columns(["text", "text", "label"], "a.tsv")
