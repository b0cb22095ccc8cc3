"""Foreign strings as they are shown, written out by hand."""

import json

import pytest

from bert_keras.printable import json_safe, printable

SHOWN = {
    "a film": "a film",
    "naïve 東京 👩‍🔬 [/b] :smile:": "naïve 東京 👩‍🔬 [/b] :smile:",
    "a\tb\nc\r": "a\\tb\\nc\\r",
    "\x1b]0;title\x07": "\\x1b]0;title\\x07",
    "\x9b1m\x7f\x00": "\\x9b1m\\x7f\\x00",
    "\u202egnp.exe": "\\u202egnp.exe",
    "\u2028x": "\\u2028x",
    "\udcff": "\\udcff",  # a file name that is no UTF-8
    "\u05d0\u200f!": "\u05d0\u200f!",  # a mark that right-to-left text has
}


@pytest.mark.parametrize("text", SHOWN)
def test_printable(text):
    assert printable(text) == SHOWN[text]


def test_what_is_kept():
    assert printable("a\nb\x1b", keep="\n") == "a\nb\\x1b"
    assert printable(3) == "3"


@pytest.mark.parametrize("text", SHOWN)
def test_json_stays_what_it_was(text):
    safe = json_safe(json.dumps({text: [text]}, ensure_ascii=False))
    assert json.loads(safe) == {text: [text]}
    assert safe == printable(safe)
    safe.encode()
