"""BERT's tokenizer in the graph: strings to token ids, exactly.

text -> normalized text (`normalizer`) -> tokens (`wordpiece`)
"""

import tensorflow as tf

from bert_keras.config import TokenizerConfig
from bert_keras.contract import CONTINUATION_PREFIX
from bert_keras.preprocessing.normalizer import Normalizer
from bert_keras.preprocessing.parallel import in_parallel
from bert_keras.preprocessing.special_tokens import SpecialTokens
from bert_keras.preprocessing.vocabulary import Vocabulary
from bert_keras.preprocessing.wordpiece import WordPiece

# With a signature, each method is one function, traced once, which a SavedModel
# keeps under its name. Lists and arrays of strings are accepted too.
_on_strings = tf.function(
    input_signature=[tf.TensorSpec([None], tf.string, name="texts")],
    autograph=False,
)

# Called several times in a graph, but stored once if it is not inlined.
_on_part = tf.function(
    input_signature=[tf.TensorSpec([None], tf.string, name="texts")],
    autograph=False,
    experimental_attributes={"_noinline": True},
)


class Tokenizer(tf.Module):
    """Splits strings into the same tokens as original BERT does.

    Equal to google-research/bert, token for token, on every Unicode character.
    It runs eagerly, in `tf.data`, and in a SavedModel without Python.

    | text | tokens (uncased) |
    |---|---|
    | `Café, naïve!` | `cafe` `,` `naive` `!` |
    | `ab\\u200bc` (zero-width space) | `abc` |
    | `東京tower` | `東` `京` `tower` |
    | `[MASK]` | `[` `mask` `]`, or `[MASK]` with `special_tokens_in_text` |
    | a word longer than `max_word_length` characters | `[UNK]` |
    | only white space | none |

    Args:
        vocabulary: The tokens.
        config: The rules.
        special_tokens_in_text: Whether `[MASK]`, `[SEP]` and the other special
            tokens keep their meaning when they occur in a text with exactly
            this spelling. Leave it off for untrusted text.

    Attributes:
        vocabulary: The vocabulary.
        config: The configuration.

    Raises:
        ValueError: If `config` and `vocabulary` differ in special tokens.

    Example:
        >>> special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
        >>> vocabulary = Vocabulary([*special, "play", "##ing", "!"])
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
                "Expected the same special tokens in `config` and "
                f"`vocabulary`. Received: {', '.join(config.special_tokens)} "
                f"and {', '.join(vocabulary.config.special_tokens)}. Try "
                "Vocabulary(vocabulary.tokens, config)."
            )
        self._vocabulary = vocabulary
        self._config = config
        self._special_tokens_in_text = special_tokens_in_text
        special = None
        tokens = vocabulary.tokens
        if special_tokens_in_text:
            special = SpecialTokens(config.special_tokens)
            tokens = special.spelled(tokens)
        self._normalizer = Normalizer(config, special)
        self._wordpiece = WordPiece(tokens, vocabulary.unk_id, config)
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
        """Splits texts into tokens; no special tokens are added.

        Args:
            texts: Strings [batch]. Bytes that are not UTF-8 are skipped, as
                `bytes.decode("utf-8", "ignore")` does.

        Returns:
            Ids, int32 [batch, (tokens)].
        """
        return in_parallel(self._tokens, texts)[0]

    @_on_strings
    def tokenize_with_offsets(
        self, texts
    ) -> tuple[tf.RaggedTensor, tf.RaggedTensor, tf.RaggedTensor]:
        """Splits texts into tokens and returns each token's offsets.

        Offsets count Unicode characters: in Python, `text[start:end]` is what
        the token was made from, including accents that were stripped and
        excluding control characters around it. An unknown token covers its
        whole word. If bytes are not UTF-8, offsets count the characters of
        `text.decode("utf-8", "ignore")`.

        Args:
            texts: Strings [batch].

        Returns:
            Ids, starts and ends (exclusive), each int32 [batch, (tokens)].
        """
        return in_parallel(self._tokens_with_offsets, texts)

    def detokenize(self, ids) -> tf.Tensor:
        """Joins tokens into words, with one space between words.

        Args:
            ids: Ids, int [batch, (tokens)], ragged.

        Returns:
            Strings [batch]; the original case, accents and spacing are lost.
        """
        tokens = tf.ragged.map_flat_values(tf.gather, self._spellings, ids)
        text = tf.strings.reduce_join(tokens, axis=-1, separator=" ")
        return tf.strings.regex_replace(text, f" {CONTINUATION_PREFIX}", "")

    @_on_part
    def _tokens(self, texts):
        return (self._wordpiece(self._normalizer(texts)).ids,)

    @_on_part
    def _tokens_with_offsets(self, texts):
        normalized = self._normalizer.with_sources(texts)
        tokens = self._wordpiece(normalized.texts)
        return tokens.ids, *normalized.spans(tokens.starts, tokens.ends)
