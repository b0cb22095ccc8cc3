"""BERT's tokenizer in the graph: strings to piece ids, exactly.

text -> folded text (`normalizer`) -> pieces (`wordpiece`)
"""

import tensorflow as tf

from bert_keras.config import TokenizerConfig
from bert_keras.contract import CONTINUATION_PREFIX
from bert_keras.preprocessing.normalizer import Normalizer
from bert_keras.preprocessing.parallel import in_parallel
from bert_keras.preprocessing.special_tokens import SpecialTokens
from bert_keras.preprocessing.vocabulary import Vocabulary
from bert_keras.preprocessing.wordpiece import Wordpiece

# A signature makes each method one function, traced once, which a SavedModel
# keeps under its name. Lists and arrays of strings are accepted as well.
_on_strings = tf.function(
    input_signature=[tf.TensorSpec([None], tf.string, name="texts")],
    autograph=False,
)

# What stands in a graph several times is compiled once if it is not inlined.
_on_part = tf.function(
    input_signature=[tf.TensorSpec([None], tf.string, name="texts")],
    autograph=False,
    experimental_attributes={"_noinline": True},
)


class Tokenizer(tf.Module):
    """Splits strings into the pieces that original BERT splits them into.

    Equal to google-research/bert, token for token, on every Unicode character.
    It runs eagerly, in `tf.data`, and in a SavedModel without Python.

    | text | pieces (uncased) |
    |---|---|
    | `Café, naïve!` | `cafe` `,` `naive` `!` |
    | `ab\\u200bc` (zero-width space) | `abc` |
    | `東京tower` | `東` `京` `tower` |
    | `[MASK]` | `[` `mask` `]`, or `[MASK]` with `special_tokens_in_text` |
    | a word of over `max_word_length` characters | `[UNK]` |
    | white space only | none |

    Args:
        vocabulary: The pieces.
        config: The rules.
        special_tokens_in_text: Whether `[MASK]`, `[SEP]` and the other special
            tokens keep their meaning when they stand in a text, in exactly
            this spelling. Leave it off for text of unknown origin.

    Attributes:
        vocabulary: The vocabulary.
        config: The configuration.

    Raises:
        ValueError: If `config` and `vocabulary` name other special tokens.

    Example:
        >>> pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
        >>> vocabulary = Vocabulary([*pieces, "play", "##ing", "!"])
        >>> Tokenizer(vocabulary, TokenizerConfig()).tokenize(["Playing!"])
        <tf.RaggedTensor [[5, 6, 7]]>
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        config: TokenizerConfig,
        *,
        special_tokens_in_text: bool = False,
    ):
        super().__init__()
        if config.special_tokens != vocabulary.config.special_tokens:
            raise ValueError(
                "Expected the vocabulary to be made with the same special "
                f"tokens. Received: {', '.join(config.special_tokens)} beside "
                f"{', '.join(vocabulary.config.special_tokens)}. Try "
                "Vocabulary(vocabulary.tokens, config)."
            )
        self._vocabulary = vocabulary
        self._config = config
        self._special_tokens_in_text = special_tokens_in_text
        special = None
        pieces = vocabulary.tokens
        if special_tokens_in_text:
            special = SpecialTokens(config.special_tokens)
            pieces = special.spelled(pieces)
        self._normalizer = Normalizer(config, special)
        self._wordpiece = Wordpiece(pieces, vocabulary.unk_id, config)
        with tf.init_scope():
            self._spellings = tf.constant(vocabulary.tokens)

    @property
    def vocabulary(self) -> Vocabulary:
        """The vocabulary."""
        return self._vocabulary

    @property
    def config(self) -> TokenizerConfig:
        """The configuration."""
        return self._config

    @property
    def special_tokens_in_text(self) -> bool:
        """Whether special tokens keep their meaning in a text."""
        return self._special_tokens_in_text

    @_on_strings
    def tokenize(self, texts) -> tf.RaggedTensor:
        """Splits texts into pieces, without adding special ones.

        Args:
            texts: Strings [batch]. Bytes that are not UTF-8 are skipped, as
                `bytes.decode("utf-8", "ignore")` does.

        Returns:
            Ids, int32 [batch, (pieces)].
        """
        return in_parallel(self._pieces, texts)[0]

    @_on_strings
    def tokenize_with_offsets(
        self, texts
    ) -> tuple[tf.RaggedTensor, tf.RaggedTensor, tf.RaggedTensor]:
        """Splits texts and tells where each piece stands.

        Offsets count Unicode characters: `text[start:end]` in Python is what
        the piece was made of, with accents that were stripped and without
        control characters around it. An unknown piece covers its word. In
        bytes that are not UTF-8, offsets count the characters of
        `text.decode("utf-8", "ignore")`.

        Args:
            texts: Strings [batch].

        Returns:
            Ids, starts and ends, each int32 [batch, (pieces)].
        """
        return in_parallel(self._pieces_with_offsets, texts)

    def detokenize(self, ids) -> tf.Tensor:
        """Joins pieces into words with one space between them.

        Args:
            ids: Ids, int [batch, (pieces)], ragged.

        Returns:
            Strings [batch]; case, accents and spacing stay lost.
        """
        pieces = tf.ragged.map_flat_values(tf.gather, self._spellings, ids)
        text = tf.strings.reduce_join(pieces, axis=-1, separator=" ")
        return tf.strings.regex_replace(text, f" {CONTINUATION_PREFIX}", "")

    @_on_part
    def _pieces(self, texts):
        return (self._wordpiece(self._normalizer(texts)).ids,)

    @_on_part
    def _pieces_with_offsets(self, texts):
        folded = self._normalizer.with_sources(texts)
        pieces = self._wordpiece(folded.texts)
        return pieces.ids, *folded.spans(pieces.starts, pieces.ends)
