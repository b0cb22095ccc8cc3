"""How the tokens of a batch lie in memory, known in this one place.

Real texts are short and rows are padded to the longest. Everything in a BERT
block but attention works token by token, so it need not see the padding:

    padded  [batch, length, width]   rows as they are; static under XLA and JAX
    packed  [tokens, width]          real tokens only, one after the other

Layers take either shape. Attention asks the layout for the heads of rows, and
gives tokens back. Both layouts compute the same numbers with the same weights.

Dimensions: B batch, L length, H heads, D width of a head.
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

    def split_heads(self, tokens, heads: int):
        """(B, L, H * D) -> (B, H, L, D)."""
        batch, length, width = ops.shape(tokens)
        rows = ops.reshape(tokens, (batch, length, heads, width // heads))
        return ops.transpose(rows, (0, 2, 1, 3))

    def join_heads(self, rows):
        """(B, H, L, D) -> (B, L, H * D)."""
        batch, heads, length, width = ops.shape(rows)
        tokens = ops.transpose(rows, (0, 2, 1, 3))
        return ops.reshape(tokens, (batch, length, heads * width))


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

    # Heads are cut out and put back while tokens are laid into rows and taken
    # out of them. A transposition of its own, 24 of them with six layers, took
    # a third of the time of a single text: docs/decisions/0006.
    def split_heads(self, tokens, heads: int):
        """(tokens, H * D) -> (B, H, L, D)."""
        slices = ops.reshape(tokens, (-1, tokens.shape[-1] // heads))
        first = self._token_of_row[:, None, :] * heads
        return ops.take(slices, first + ops.arange(heads)[:, None], axis=0)

    def join_heads(self, rows):
        """(B, H, L, D) -> (tokens, H * D)."""
        heads, width = rows.shape[1], rows.shape[3]
        length = ops.shape(self.mask)[1]
        # Place l of row b has its head h at (b * H + h) * L + l.
        row = self._place_of_token // length
        first = self._place_of_token + row * (heads - 1) * length
        places = first[:, None] + ops.arange(heads) * length
        tokens = ops.take(ops.reshape(rows, (-1, width)), places, axis=0)
        return ops.reshape(tokens, (-1, heads * width))
