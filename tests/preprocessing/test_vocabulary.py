"""Vocabulary files: what is read, and which errors are raised."""

import hashlib

import pytest
from small_vocabulary import TOKENS

from bert_keras.config import TokenizerConfig
from bert_keras.preprocessing import Vocabulary

SPECIAL = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n"


@pytest.fixture
def write(tmp_path):
    def write(content):
        path = tmp_path / "vocab.txt"
        if isinstance(content, str):
            content = content.encode()
        path.write_bytes(content)
        return path

    return write


def test_ids_are_indices(vocabulary):
    assert len(vocabulary) == len(TOKENS)
    assert vocabulary.tokens == tuple(TOKENS)
    assert vocabulary.id_of("play") == TOKENS.index("play")
    assert vocabulary.id_of("absent") == vocabulary.unk_id == 1
    begins = vocabulary.begins_word.tolist()
    assert [begins[TOKENS.index(t)] for t in ("play", "##ing")] == [True, False]
    assert "play" in vocabulary
    assert "absent" not in vocabulary
    special = (vocabulary.pad_id, vocabulary.cls_id, vocabulary.sep_id)
    assert (*special, vocabulary.mask_id) == (0, 2, 3, 4)


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [True, False])
def test_only_line_endings_are_removed(write, ending, last):
    # U+2028 and U+3000 are tokens, and do not end a line.
    tokens = [*SPECIAL.split(), "\u2028", "##\u2028", "\u3000", "\x85", "a"]
    path = write(ending.join(tokens) + ending * last)
    assert Vocabulary.from_file(path).tokens == tuple(tokens)


def test_saves_what_it_read(write, tmp_path):
    path = write(SPECIAL + "\u2028\nplay\n")
    vocabulary = Vocabulary.from_file(path)
    vocabulary.save(tmp_path / "copy.txt")
    assert (tmp_path / "copy.txt").read_bytes() == path.read_bytes()
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert vocabulary.digest == digest
    assert {file.name for file in tmp_path.iterdir()} == {
        "copy.txt",
        "vocab.txt",
    }


def test_is_immutable_and_compares(vocabulary):
    with pytest.raises(AttributeError):
        vocabulary.tokens = ()
    assert vocabulary == Vocabulary(TOKENS)
    assert hash(vocabulary) == hash(Vocabulary(TOKENS))
    assert vocabulary != Vocabulary([*TOKENS, "more"])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "empty file"),
        ("\n\n", "empty file"),
        (SPECIAL + "a\nb\na\n", r"line 8: .*'a', which is also line 6"),
        (SPECIAL.replace("[CLS]", "<s>"), r"without \[CLS\].*cls_token="),
        (SPECIAL.encode() + b"\xff\xfe", "line 6: .*byte 0xff"),
        (b"PK\x03\x04\0\0", "NUL byte"),
    ],
)
def test_errors_name_file_line_and_remedy(write, content, message):
    path = write(content)
    with pytest.raises(ValueError, match=message) as error:
        Vocabulary.from_file(path)
    assert str(path) in str(error.value)


def test_special_tokens_of_other_names():
    config = TokenizerConfig(cls_token="<s>", sep_token="</s>")
    tokens = ["[PAD]", "[UNK]", "<s>", "</s>", "[MASK]"]
    assert Vocabulary(tokens, config).sep_id == 3
    with pytest.raises(ValueError, match="without </s>, <s>"):
        Vocabulary(TOKENS, config)


@pytest.mark.data
def test_published_vocabularies(data):
    sizes = {
        path.parent.name: len(Vocabulary.from_file(path))
        for path in (data / "vocab").glob("*/vocab.txt")
    }
    assert sizes == {
        "bert-base-uncased": 30_522,
        "bert-base-cased": 28_996,
        "bert-base-chinese": 21_128,
        "bert-base-multilingual-cased": 119_547,
    }
