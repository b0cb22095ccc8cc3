"""How the tokens of a batch lie in memory, known in this one place.

Real texts are short and rows are padded to the longest. Everything in a BERT
block but attention works token by token, so it need not see the padding:

    padded  [batch, length, width]   rows as they are; static under XLA and JAX
    packed  [tokens, width]          real tokens only, one after the other

Layers take either shape. Attention asks the layout for rows, and gives tokens
back. Both layouts compute the same numbers with the same weights.
"""

from keras import ops


class Padded:
    """The layout of rows as they are: tokens and rows are the same tensor.

    Args:
        mask: int [batch, length], 1 at real tokens and 0 at padding.
    """

    def __init__(self, mask):
        self.mask = mask

    def tokens(self, rows):
        """Returns [batch, length, ...] unchanged."""
        return rows

    def rows(self, tokens):
        """Returns [batch, length, ...] unchanged."""
        return tokens

    def first(self, tokens):
        """Returns the first token of each row, [batch, 1, ...]."""
        return tokens[:, :1]


class Packed:
    """The layout of real tokens only, one after the other.

    The first place of a row is kept even where the mask leaves it out: pooling
    reads it, and a row without tokens stays a row.

    The number of tokens depends on the values of the mask, so a graph with
    this layout has dynamic shapes: it suits TensorFlow inference, not XLA.

    Args:
        mask: int [batch, length], 1 at real tokens and 0 at padding.
    """

    def __init__(self, mask):
        self.mask = mask
        first = ops.equal(ops.arange(ops.shape(mask)[1]), 0)
        kept = ops.logical_or(ops.cast(mask, "bool"), first)
        kept = ops.cast(ops.reshape(kept, [-1]), "int32")
        # Where each token comes from, [tokens], and, for the way back, which
        # token each place takes, [batch * length]. A padded place takes the
        # token before it in its row: attention masks it, and nobody else
        # reads it.
        self._place_of_token = ops.nonzero(kept)[0]
        self._token_of_place = ops.cumsum(kept) - 1
        self._token_of_row = ops.reshape(self._token_of_place, ops.shape(mask))

    def tokens(self, rows):
        """Gathers the tokens: [batch, length, ...] -> [tokens, ...]."""
        flat = ops.reshape(rows, (-1, *rows.shape[2:]))
        return ops.take(flat, self._place_of_token, axis=0)

    def rows(self, tokens):
        """Lays tokens into rows: [tokens, ...] -> [batch, length, ...]."""
        places = ops.take(tokens, self._token_of_place, axis=0)
        batch, length = ops.shape(self.mask)
        return ops.reshape(places, (batch, length, *tokens.shape[1:]))

    def first(self, tokens):
        """Gathers the first token of each row, [batch, 1, ...]."""
        return ops.take(tokens, self._token_of_row[:, :1], axis=0)
