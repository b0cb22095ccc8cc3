"""Links, email addresses, handles and hashtags: one word each.

The `paris` in `http://t.co/paris` or `@paris` is not a mention of Paris. The
tokenizer splits both into several basic tokens; a tagger that is trained to
see `paris` as no name there finds fewer names elsewhere.
"""

import tensorflow as tf

# Letters of scripts with spaces; in others, the end of a hashtag is unknown.
_LETTERS = r"[\w\p{Latin}\p{Greek}\p{Cyrillic}]"
_LINK = "|".join(
    (
        # Up to the last character that can end one: no full stop, no bracket.
        r"(?:\b[A-Za-z][A-Za-z0-9+.-]*://|\bwww\.)[!-~]*[A-Za-z0-9/_=&%#~-]",
        r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.\w+",
        rf"\B[@#]{_LETTERS}+",
    )
)
# Unicode's "noncharacters", which have no meaning in any text.
_OPEN, _CLOSE = "\ufdd0", "\ufdd1"


def inside_links(texts: tf.Tensor) -> tf.RaggedTensor:
    """Finds the characters of links, except for the first of each link.

    Args:
        texts: Strings [batch]; bytes that are not UTF-8 do not count.

    Returns:
        bool [batch, (characters)].

    Example:
        >>> inside = inside_links(tf.constant(["go @ann, go"]))
        >>> inside.to_list()[0].index(True), inside.to_list()[0].count(True)
        (4, 3)
    """
    # Core operations can replace the matches of a pattern, but do not return
    # their offsets. So matches are put between two marks, which are found, then
    # removed again.
    texts = tf.strings.regex_replace(texts, f"[{_OPEN}{_CLOSE}]", " ")
    marked = tf.strings.regex_replace(
        texts, f"({_LINK})", rf"{_OPEN}\1{_CLOSE}"
    )
    characters = tf.strings.unicode_decode(marked, "UTF-8", errors="ignore")
    codes = characters.flat_values  # int32 [characters and marks]
    opens, closes = tf.equal(codes, ord(_OPEN)), tf.equal(codes, ord(_CLOSE))
    depth = tf.cumsum(tf.cast(opens, tf.int32) - tf.cast(closes, tf.int32))
    is_first = tf.concat([[False], opens[:-1]], axis=0)[: tf.size(codes)]
    inside = characters.with_flat_values((depth > 0) & ~is_first)
    return tf.ragged.boolean_mask(
        inside, characters.with_flat_values(~(opens | closes))
    )
