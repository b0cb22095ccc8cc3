"""Links in texts: literal examples, and properties of any text."""

import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from bert_keras.preprocessing import inside_links


def links_of(text: str) -> list[str]:
    """Returns the links that `inside_links` finds."""
    [inside] = inside_links(tf.constant([text])).to_list()
    links = []
    for at, here in enumerate(inside):
        if not here:
            links.append(text[at])
        else:
            links[-1] += text[at]
    return [link for link in links if len(link) > 1]


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("see (http://t.co/a_b?c=d), or", ["http://t.co/a_b?c=d"]),
        ("www.paris.fr.", ["www.paris.fr"]),
        ("看http://t.cn/a吧", ["http://t.cn/a"]),
        ("to ann.b+c@mail.example.org!", ["ann.b+c@mail.example.org"]),
        ("@ann: hi #Zürich's", ["@ann", "#Zürich"]),
        ("RT@ann", []),  # no handle begins inside a word
        ("@bob 😀@é", ["@bob", "@é"]),
        ("#北京 天气#", []),  # where such a hashtag ends is unknown
        ("C# or @ or 5 http: //", []),
        ("", []),
        ("\ufdd0@ab\ufdd1 \ufdd0", ["@ab"]),  # the marks it uses
    ],
)
def test_links_by_hand(text, links):
    assert links_of(text) == links


def test_bytes_that_are_not_utf8_do_not_count():
    inside = inside_links(tf.constant([b"\xff@a\xfeb", b"", b"@c"]))
    assert inside.to_list() == [[False, True, False], [], [False, True]]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text("a@#:/.w é東\u0301\ufdd0\x00x", max_size=12)))
def test_every_character_has_an_answer(texts):
    inside = inside_links(tf.constant(texts, tf.string)).to_list()
    assert [len(row) for row in inside] == [len(text) for text in texts]
    for text, row in zip(texts, inside, strict=True):
        assert not any(
            here and character.isspace()
            for character, here in zip(text, row, strict=True)
        )
        assert not row[:1] == [True]
