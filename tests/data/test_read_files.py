"""Files to examples: what is read, from which line, and what is refused."""

import csv
import gzip
import io
import re

import hypothesis
import pytest

from bert_keras.data import DataError, read_examples
from bert_keras.data.delimited import csv_table


@pytest.fixture
def write(tmp_path):
    """Returns a function that writes a file and returns its path."""

    def write_file(name, content):
        path = tmp_path / name
        if isinstance(content, str):
            content = content.encode("utf-8")
        path.write_bytes(content)
        return path

    return write_file


def test_tsv_takes_quotes_as_plain_characters(write):
    path = write("a.tsv", 'text\tlabel\n"quoted" start\tx\n5" disk\ty\n')
    examples = read_examples(path)
    assert examples.texts == ['"quoted" start', '5" disk']
    assert examples.labels == ["x", "y"]
    assert examples.lines == [2, 3]
    assert examples.where(1) == f"{path}:3"


def test_tsv_tolerates_a_mark_blank_lines_and_windows_line_ends(write):
    content = "\ufefftext\tlabel\r\nfine\tx\r\n\r\ndull\ty\r\n"
    examples = read_examples(write("a.tsv", content))
    assert examples.texts == ["fine", "dull"]
    assert examples.labels == ["x", "y"]
    assert examples.lines == [2, 4]


def test_csv_keeps_newlines_in_quotes_and_counts_lines(write):
    content = 'text,label\n"one\ntwo",x\n"say ""yes""",y\nthree,z\n'
    examples = read_examples(write("a.csv", content))
    assert examples.texts == ["one\ntwo", 'say "yes"', "three"]
    assert examples.lines == [2, 4, 5]


@hypothesis.settings(deadline=None, max_examples=50)
@hypothesis.given(
    hypothesis.strategies.lists(
        hypothesis.strategies.text(
            hypothesis.strategies.characters(
                codec="utf-8", exclude_characters="\0"
            )
        ),
        min_size=1,
    )
)
def test_csv_reads_what_csv_writes(texts):
    file = io.StringIO(newline="")
    csv.writer(file).writerows([["text", "id"], *([t, "1"] for t in texts)])
    lines = re.findall(r"[^\n]*\n", file.getvalue())
    rows = list(csv_table(lines, "a.csv").rows)
    assert [row.cells["text"] for row in rows] == texts
    starts = [2]
    for text in texts:
        starts.append(starts[-1] + 1 + text.count("\n"))
    assert [row.number for row in rows] == starts[:-1]


def test_jsonl_keeps_lists_and_numbers(write):
    content = (
        '{"text": "a", "label": ["x", "y"]}\n\n{"text": "b", "label": 3}\n'
    )
    examples = read_examples(write("a.jsonl", content))
    assert examples.texts == ["a", "b"]
    assert examples.labels == [["x", "y"], 3]
    assert examples.lines == [1, 3]


def test_gzip(write):
    path = write("a.tsv.gz", gzip.compress(b"text\tlabel\nfine\tx\n"))
    assert read_examples(path).texts == ["fine"]


def test_labels_are_left_out_when_not_wanted(write):
    path = write("a.tsv", "text\tlabel\nfine\tx\n")
    assert read_examples(path, labelled=False).labels is None


def test_package_file_is_found_without_importing_the_package(
    tmp_path, monkeypatch
):
    package = tmp_path / "some_messages"
    (package / "inside").mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError")
    (package / "inside" / "a.tsv").write_text("text\tlabel\nfine\tx\n")
    monkeypatch.syspath_prepend(tmp_path)
    examples = read_examples("pkg://some_messages/inside/a.tsv")
    assert examples.texts == ["fine"]
    assert examples.where(0) == "pkg://some_messages/inside/a.tsv:2"


@pytest.mark.parametrize(
    "inside", ["/outside.tsv", "//outside.tsv", "../outside.tsv", "a/../../x"]
)
def test_a_path_that_leaves_its_package(inside):
    with pytest.raises(DataError, match="inside the package"):
        read_examples(f"pkg://bert_keras/{inside}")


def test_missing_package():
    with pytest.raises(DataError, match="name of an installed package"):
        read_examples("pkg://no_such_package/a.tsv")


def test_missing_file_names_those_close_to_it(write):
    path = write("train.tsv", "text\tlabel\nfine\tx\n")
    with pytest.raises(DataError, match=r"Did you mean 'train\.tsv'"):
        read_examples(path.with_name("trian.tsv"))


def test_text_in_place_of_a_path():
    with pytest.raises(DataError, match="a text, not a file, put it into a"):
        read_examples("a very fine film " * 300)


def test_folder_names_its_files(write):
    path = write("train.tsv", "text\tlabel\nfine\tx\n")
    with pytest.raises(DataError, match=r"Received a folder .*'train\.tsv'"):
        read_examples(path.parent)


def test_unknown_suffix(write):
    with pytest.raises(DataError, match=r"ends in \.tsv, \.csv, \.jsonl"):
        read_examples(write("a.xlsx", b"PK"))


def test_empty_file(write):
    for name in ("a.tsv", "a.csv", "a.jsonl"):
        with pytest.raises(DataError, match=f"{name}: .*an empty file"):
            read_examples(write(name, ""))


def test_header_only(write):
    with pytest.raises(DataError, match="'text', 'label' without any row"):
        read_examples(write("a.csv", "text,label\n"))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.tsv", "text\tlabel\na\tx\nb\nc\ty\tz\n"),
        ("a.csv", "text,label\na,x\nb\nc,y,z\n"),
    ],
)
def test_ragged_rows_are_all_reported(write, name, content):
    with pytest.raises(DataError) as caught:
        read_examples(write(name, content))
    message = str(caught.value)
    assert "Received 2 bad rows" in message
    assert f"{name}:3: expected 2 cells ('text', 'label'), received 1" in (
        message
    )
    assert f"{name}:4: expected 2 cells ('text', 'label'), received 3" in (
        message
    )
    assert "Give every row as many cells as the header." in message


def test_only_five_bad_rows_are_shown(write):
    path = write("a.tsv", "text\tlabel\n" + "no label\n" * 1200)
    with pytest.raises(DataError) as caught:
        read_examples(path)
    message = str(caught.value)
    assert "1,200 bad rows" in message
    assert "... and 1,195 more" in message
    assert message.count("a.tsv:") == 5


def test_binary_file(write):
    path = write("a.tsv", b"text\tlabel\nfine\tx\n\x00\x01\x02\n")
    with pytest.raises(DataError, match=r"a\.tsv:3: .*this is a binary file"):
        read_examples(path)


def test_utf_16_file(write):
    path = write("a.csv", "text,label\nfine,x\n".encode("utf-16"))
    with pytest.raises(DataError, match=r"text in UTF-16\. Save it as UTF-8"):
        read_examples(path)


def test_latin_1_file(write):
    path = write("a.tsv", b"text\tlabel\nna\xefve\tx\n")
    with pytest.raises(DataError, match=r"a\.tsv:2: .*0xef at byte 3 .*iconv"):
        read_examples(path)


def test_unclosed_quote_names_the_row_that_opens_it(write):
    path = write("a.csv", 'text,label\nfine,x\n"dull,y\nlong,z\n')
    with pytest.raises(DataError, match=r"a\.csv:3: .*never closed"):
        read_examples(path)


def test_unclosed_quote_in_a_large_file(write):
    path = write("a.csv", 'text,label\n"dull,y\n' + "long,z\n" * 30_000)
    with pytest.raises(DataError, match=r"a\.csv:2: .*never closed"):
        read_examples(path)


def test_plain_quote_in_csv(write):
    path = write("a.csv", 'text,label\n"dull" film,y\n')
    with pytest.raises(DataError, match=r"a\.csv:2: .*Double the quotes"):
        read_examples(path)


def test_carriage_returns_only(write):
    path = write("a.tsv", "text\tlabel\rfine\tx\r")
    with pytest.raises(DataError, match="carriage returns only"):
        read_examples(path)


def test_broken_json_lines(write):
    content = '{"text": "a", "label": "x"}\n{"text": \n[1]\n'
    with pytest.raises(DataError) as caught:
        read_examples(write("a.jsonl", content))
    message = str(caught.value)
    assert "a.jsonl:2: broken JSON" in message
    assert "a.jsonl:3: expected an object, received '[1]" in message


def test_json_that_is_broken_throughout(write):
    with pytest.raises(DataError, match="Received 2 bad rows"):
        read_examples(write("a.jsonl", "text,label\nfine,x\n"))


def test_json_line_without_a_key(write):
    content = '{"text": "a", "label": "x"}\n{"text": "b"}\n'
    with pytest.raises(DataError, match=r"a\.jsonl:2: no 'label'"):
        read_examples(write("a.jsonl", content))


def test_json_text_of_another_type(write):
    content = '{"text": null, "label": "x"}\n'
    with pytest.raises(DataError, match=r"a\.jsonl:1: expected a text.*None"):
        read_examples(write("a.jsonl", content))


def test_json_half_of_a_surrogate_pair(write):
    content = '{"text": "\\ud83d", "label": "x"}\n'
    with pytest.raises(DataError, match=r"a\.jsonl:1: a lone surrogate"):
        read_examples(write("a.jsonl", content))


def test_damaged_gzip(write):
    path = write("a.tsv.gz", gzip.compress(b"text\tlabel\nfine\tx\n")[:-12])
    with pytest.raises(DataError, match="Expected a readable file"):
        read_examples(path)
