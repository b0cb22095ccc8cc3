"""BERT's tokenization rules in plain Python, to compare the graph with.

Written from the rules of google-research/bert `tokenization.py`, on whole
strings and without regard to speed, so that it has nothing in common with the
code under test except the result.
"""

import unicodedata

IDEOGRAPH_BLOCKS = [
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B820, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
]
ASCII_PUNCTUATION = set("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")


class Oracle:
    def __init__(self, tokens, config):
        self.ids = {token: i for i, token in enumerate(tokens)}
        self.config = config

    def tokenize(self, text):
        if isinstance(text, bytes):
            text = text.decode("utf-8", "ignore")
        text = clean(text)
        if self.config.tokenize_chinese_chars:
            text = apart(text, is_ideograph)
        ids = []
        for part in text.split():
            if self.config.do_lower_case:
                part = part.lower()
            if self.config.strips_accents:
                part = without_accents(part)
            for word in apart(part, is_punctuation).split():
                ids.extend(self.spell(word))
        return ids

    def spell(self, word):
        unknown = [self.ids[self.config.unk_token]]
        if len(word) > self.config.max_word_length:
            return unknown
        ids = []
        rest = word
        while rest:
            prefix = "##" if ids else ""
            for size in range(len(rest), 0, -1):
                if prefix + rest[:size] in self.ids:
                    break
            else:
                return unknown
            ids.append(self.ids[prefix + rest[:size]])
            rest = rest[size:]
        return ids


def clean(text):
    kept = []
    for character in text:
        category = unicodedata.category(character)
        if character in "\t\n\r" or category == "Zs":
            kept.append(" ")
        elif category not in ("Cc", "Cf") and character != "\ufffd":
            kept.append(character)
    return "".join(kept)


def without_accents(text):
    parts = unicodedata.normalize("NFD", text)
    return "".join(c for c in parts if unicodedata.category(c) != "Mn")


def apart(text, alone):
    return "".join(f" {c} " if alone(c) else c for c in text)


def is_ideograph(character):
    return any(a <= ord(character) <= b for a, b in IDEOGRAPH_BLOCKS)


def is_punctuation(character):
    if character in ASCII_PUNCTUATION:
        return True
    return unicodedata.category(character)[0] == "P"
