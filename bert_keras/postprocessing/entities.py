"""From the tags of words to entities, in the graph."""

from collections.abc import Sequence

import tensorflow as tf

from bert_keras import contract
from bert_keras.postprocessing.tag_decoding import (
    allowed_transitions,
    tag_marginals,
    viterbi_decode,
)


class EntityDecoder(tf.Module):
    """Turns the logits of words into entities.

    Args:
        labels: Names of the entity types. The tags are O, then B and I of
            each type.
        transitions: Learned transition scores of a CRF, from tag to tag,
            float32 [tags, tags], or None.

    Example:
        >>> decoder = EntityDecoder(["LOC"])
        >>> logits = [[0.0, 9.0, 0.0], [0.0, 0.0, 9.0], [9.0, 0.0, 0.0]]
        >>> found = decoder(
        ...     tf.constant(["New York!"]),
        ...     tf.RaggedTensor.from_row_lengths(logits, [3]),
        ...     tf.ragged.constant([[0, 4, 8]]),
        ...     tf.ragged.constant([[3, 8, 9]]),
        ... )
        >>> found["entity_text"].numpy().tolist()
        [[b'New York']]
        >>> found["entity_start"].numpy(), found["entity_end"].numpy()
        (array([[0]], dtype=int32), array([[8]], dtype=int32))
    """

    def __init__(
        self, labels: Sequence[str], transitions: tf.Tensor | None = None
    ):
        super().__init__()
        self._labels = tuple(labels)
        self._transitions = tf.constant(allowed_transitions(len(labels)))
        self._learned = transitions is not None
        if self._learned:
            self._transitions += tf.pad(transitions, [[0, 1], [0, 0]])

    def __call__(
        self,
        texts: tf.Tensor,
        logits: tf.RaggedTensor,
        starts: tf.RaggedTensor,
        ends: tf.RaggedTensor,
    ) -> dict[str, tf.Tensor]:
        """Finds the entities of texts.

        Args:
            texts: Strings [batch].
            logits: Logits of each word's tags, float32 [batch, (words), tags].
            starts: First character of each word, int32 [batch, (words)].
            ends: The character after its last, int32 [batch, (words)].

        Returns:
            `entity_text` and `entity_label` string, `entity_score` float32,
            `entity_start` and `entity_end` int32, all [batch, entities] and
            padded with "", 0.0 and -1; `entity_count` int32 [batch]. A score
            is the mean probability of the tags of the entity's words: their
            softmax or, with learned transitions, their marginals.
        """
        scores = tf.nn.log_softmax(logits.flat_values)  # [words, tags]
        marginals = tf.exp(scores)
        scores = logits.with_flat_values(scores)  # [batch, (words), tags]
        tags = viterbi_decode(scores, self._transitions)  # [batch, (words)]
        if self._learned:
            marginals = tag_marginals(scores, self._transitions).flat_values
        marginals = tf.gather(
            marginals, tags.flat_values, batch_dims=1
        )  # [words]
        groups = _Groups(tags)
        first = groups.first(starts.flat_values)  # [entities], as those below
        after = groups.last(ends.flat_values)
        label = (groups.first(tags.flat_values) - 1) // 2
        columns = {
            contract.ENTITY_TEXT: (
                extract_spans(texts, groups.text, first, after),
                "",
            ),
            contract.ENTITY_LABEL: (tf.gather(self._labels, label), ""),
            contract.ENTITY_SCORE: (groups.mean(marginals), 0.0),
            contract.ENTITY_START: (first, -1),
            contract.ENTITY_END: (after, -1),
        }
        outputs = {
            name: groups.by_text(values).to_tensor(padding)
            for name, (values, padding) in columns.items()
        }
        outputs[contract.ENTITY_COUNT] = groups.counts
        return outputs


class _Groups:
    """Which words form which entity.

    Args:
        tags: An allowed sequence of tags per text, int32 [batch, (words)].
    """

    def __init__(self, tags: tf.RaggedTensor):
        begins = tf.equal(tags.flat_values % 2, 1)  # [words]
        self._begins = begins
        self._inside = tags.flat_values > 0
        number = tf.cumsum(tf.cast(begins, tf.int32)) - 1  # [words]
        # The entity of each word that belongs to one.
        self._entity = tf.boolean_mask(number, self._inside)
        self._count = tf.reduce_sum(tf.cast(begins, tf.int32))
        self._nrows = tags.nrows()
        self.text = tf.boolean_mask(tags.value_rowids(), begins)
        self.counts = tf.reduce_sum(
            tf.cast(tags.with_flat_values(begins), tf.int32), axis=1
        )

    def first(self, values: tf.Tensor) -> tf.Tensor:
        """Returns the value at the first word of each entity, [entities]."""
        return tf.boolean_mask(values, self._begins)

    def last(self, values: tf.Tensor) -> tf.Tensor:
        """Returns the largest value among each entity's words, [entities]."""
        values = tf.boolean_mask(values, self._inside)
        return tf.math.unsorted_segment_max(values, self._entity, self._count)

    def mean(self, values: tf.Tensor) -> tf.Tensor:
        """Returns the mean value of each entity's words, [entities]."""
        values = tf.boolean_mask(values, self._inside)
        return tf.math.unsorted_segment_mean(values, self._entity, self._count)

    def by_text(self, values: tf.Tensor) -> tf.RaggedTensor:
        """Groups values of entities by text, [batch, (entities)]."""
        return tf.RaggedTensor.from_value_rowids(
            values, self.text, nrows=self._nrows, validate=False
        )


def extract_spans(
    texts: tf.Tensor,
    text_indices: tf.Tensor,
    starts: tf.Tensor,
    ends: tf.Tensor,
) -> tf.Tensor:
    """Extracts spans of characters from texts.

    Each text is decoded once, however many spans it has.

    Args:
        texts: Strings [batch]; bytes that are not UTF-8 do not count.
        text_indices: The text that each span belongs to, int [spans].
        starts: First character of each span, int32 [spans].
        ends: The character after its last, int32 [spans].

    Returns:
        Strings [spans].

    Example:
        >>> texts = tf.constant(["naïve"])
        >>> extract_spans(texts, [0, 0], [0, 2], [2, 3]).numpy().tolist()
        [b'na', b'\\xc3\\xaf']
    """
    characters = tf.strings.unicode_decode(texts, "UTF-8", errors="ignore")
    shift = tf.cast(tf.gather(characters.row_starts(), text_indices), tf.int32)
    indices = tf.ragged.range(shift + starts, shift + ends)
    return tf.strings.unicode_encode(
        tf.gather(characters.flat_values, indices), "UTF-8"
    )
