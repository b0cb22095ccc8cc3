"""Texts one after another, with memory for one."""

import io
import itertools
import tracemalloc

import pytest

from bert_keras.data import DataError, stream_texts


def test_table_with_labels(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('text,label\n"one\ntwo",x\nthree,y\n')
    assert list(stream_texts(path)) == [("one\ntwo", None), ("three", None)]


def test_pairs(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"question": "why?", "passage": "so"}\n')
    assert list(stream_texts(path)) == [("why?", "so")]
    single = stream_texts(path, text="passage")
    assert list(single) == [("so", None)]


def test_numbers_of_words_beside_texts(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "so it is", "predicate": 2}\n')
    found = stream_texts(path, text_b="predicate")
    assert list(found) == [("so it is", "2")]
    path.write_text('{"text": "so it is", "predicate": true}\n')
    with pytest.raises(DataError, match="expected a text, received True"):
        list(stream_texts(path, text_b="predicate"))


def test_plain_lines_keep_their_number(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"\xef\xbb\xbfone\r\n\r\ntwo\tthree")
    texts = [text for text, _ in stream_texts(path)]
    assert texts == ["one", "", "two\tthree"]


def test_open_stream_is_decoded_from_its_bytes():
    binary = io.BytesIO("naïve\n".encode())
    stream = io.TextIOWrapper(binary, encoding="ascii")
    assert list(stream_texts(stream)) == [("naïve", None)]


def test_open_stream_of_a_table():
    stream = io.StringIO("body\tid\nfine\t1\n")
    texts = stream_texts(stream, text="body", format="tsv")
    assert list(texts) == [("fine", None)]


def test_reads_no_further_than_asked():
    def lines():
        yield "text\n"
        yield "one\n"
        raise AssertionError("read ahead")

    texts = stream_texts(lines(), format="tsv")
    assert next(texts) == ("one", None)


def test_memory_does_not_grow_with_the_source():
    def peak(rows):
        lines = itertools.chain(["text\n"], itertools.repeat("word\n", rows))
        tracemalloc.start()
        for _ in stream_texts(lines, format="tsv"):
            pass
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    peak(10)  # what the first call sets up is not counted
    assert peak(5_000) < peak(500) + 50_000


def test_bad_row_is_named_when_it_is_reached(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text("text\tlabel\nfine\tx\ndull\n")
    texts = stream_texts(path)
    assert next(texts) == ("fine", None)
    with pytest.raises(DataError, match=r"a\.tsv:3: expected 2 cells"):
        next(texts)


def test_columns_of_plain_lines():
    with pytest.raises(DataError, match="Received plain lines"):
        next(stream_texts(io.StringIO("one\n"), text="text"))


def test_unknown_format(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_text("one\n")
    with pytest.raises(DataError, match="one of the formats tsv, csv, jsonl"):
        next(stream_texts(path))
