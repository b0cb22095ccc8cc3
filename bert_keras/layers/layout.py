"""How the tokens of a batch are laid out in memory; known only here.

Real texts are short, and sequences are padded to the longest of the batch.
Everything in a BERT block except attention works on each token by itself, so
it need not compute the padding:

    padded  [batch, length, width]   sequences; static shapes, for XLA and JAX
    packed  [tokens, width]          real tokens only, one after the other

Layers accept either shape. Attention asks the layout for the heads of whole
sequences, and returns tokens. Both layouts compute the same numbers with the
same weights.

Dimensions: B batch, L length, H heads, D width of a head.
"""

from keras import ops


class Padded:
    """The layout with padding: tokens and sequences are the same tensor.

    Args:
        mask: int [batch, length], 1 at real tokens and 0 at padding.
    """

    def __init__(self, mask):
        self.mask = mask

    def tokens(self, sequences):
        """Returns [batch, length, ...] unchanged."""
        return sequences

    def sequences(self, tokens):
        """Returns [batch, length, ...] unchanged."""
        return tokens

    def first(self, tokens):
        """Returns the first token of each sequence, [batch, 1, ...]."""
        return tokens[:, :1]

    def split_heads(self, tokens, heads: int):
        """(B, L, H * D) -> (B, H, L, D)."""
        batch, length, width = ops.shape(tokens)
        split = ops.reshape(tokens, (batch, length, heads, width // heads))
        return ops.transpose(split, (0, 2, 1, 3))

    def join_heads(self, sequences):
        """(B, H, L, D) -> (B, L, H * D)."""
        batch, heads, length, width = ops.shape(sequences)
        tokens = ops.transpose(sequences, (0, 2, 1, 3))  # (B, L, H, D)
        return ops.reshape(tokens, (batch, length, heads * width))


class Packed:
    """The layout of real tokens only, one after the other.

    The first position of a sequence is kept even where the mask leaves it out:
    pooling reads it, and a sequence without tokens remains a sequence.

    The number of tokens depends on the values of the mask, so a graph with
    this layout has dynamic shapes: it suits TensorFlow inference, not XLA.

    Args:
        mask: int [batch, length], 1 at real tokens and 0 at padding.
    """

    def __init__(self, mask):
        self.mask = mask
        first = ops.equal(ops.arange(ops.shape(mask)[1]), 0)
        kept = ops.logical_or(ops.cast(mask, "bool"), first)  # (B, L)
        kept = ops.cast(ops.reshape(kept, [-1]), "int32")  # (B * L,)
        # A position counts from the start of the batch: b * L + l.
        self._position_of_token = ops.nonzero(kept)[0]  # (tokens,)
        # For the way back, the token that each position takes. Padding takes
        # the token before it: attention masks it, and nothing else reads it.
        self._token_of_position = ops.cumsum(kept) - 1  # (B * L,)
        self._token_in_sequence = ops.reshape(
            self._token_of_position, ops.shape(mask)
        )  # (B, L)

    def tokens(self, sequences):
        """Gathers the tokens: [batch, length, ...] -> [tokens, ...]."""
        flat = ops.reshape(sequences, (-1, *sequences.shape[2:]))
        return ops.take(flat, self._position_of_token, axis=0)

    def sequences(self, tokens):
        """Restores sequences: [tokens, ...] -> [batch, length, ...]."""
        flat = ops.take(tokens, self._token_of_position, axis=0)
        batch, length = ops.shape(self.mask)
        return ops.reshape(flat, (batch, length, *tokens.shape[1:]))

    def first(self, tokens):
        """Gathers the first token of each sequence, [batch, 1, ...]."""
        return ops.take(tokens, self._token_in_sequence[:, :1], axis=0)

    # Splitting and joining heads is one gather together with the way from
    # tokens to sequences and back. Transposing separately, 24 times in six
    # layers, took a third of the time of a single text: docs/decisions/0006.
    def split_heads(self, tokens, heads: int):
        """(tokens, H * D) -> (B, H, L, D)."""
        slices = ops.reshape(tokens, (-1, tokens.shape[-1] // heads))
        # Token t has its head h at slice t * H + h.
        first = self._token_in_sequence[:, None, :] * heads  # (B, 1, L)
        return ops.take(slices, first + ops.arange(heads)[:, None], axis=0)

    def join_heads(self, sequences):
        """(B, H, L, D) -> (tokens, H * D)."""
        heads, width = sequences.shape[1], sequences.shape[3]
        length = ops.shape(self.mask)[1]
        # Position l of sequence b has its head h at (b * H + h) * L + l.
        sequence = self._position_of_token // length  # b, (tokens,)
        first = self._position_of_token + sequence * (heads - 1) * length
        slices = first[:, None] + ops.arange(heads) * length  # (tokens, H)
        flat = ops.reshape(sequences, (-1, width))  # (B * H * L, D)
        return ops.reshape(ops.take(flat, slices, axis=0), (-1, heads * width))
