"""An encoder and a head, trained together."""

from collections.abc import Sequence

import keras


class Network(keras.Model):
    """Packed ids in, logits out.

    Args:
        encoder: Anything that honours the encoder's contract.
        head: A layer on its outputs and inputs, which says by `pooled_only`
            whether it reads more than `pooled_output`.

    Call arguments:
        inputs: The encoder's inputs, each int32 [batch, length].
        training: Whether dropout is alive.
        packed: Whether only real tokens are computed; see `BertEncoder`.

    Returns:
        What the head returns, for most tasks logits.
    """

    def __init__(self, encoder: keras.Model, head: keras.layers.Layer):
        super().__init__(name="network", dtype=encoder.dtype_policy)
        # === Layers ===
        self.encoder = encoder
        self.head = head
        self.built = True

    # === Data flow ===
    def call(self, inputs, training=None, packed=False):
        """See the class."""
        encoded = self.encoder(
            inputs,
            training=training,
            packed=packed,
            pooled_only=self.head.pooled_only,
        )
        return self.head(encoded, inputs, training=training)

    def vectors(self, inputs):
        """Returns the vector of each row, of a head that makes one.

        Args:
            inputs: The encoder's inputs, each int32 [batch, length].

        Returns:
            float [batch, width]; the head's `answer` goes on from there.
        """
        encoded = self.encoder(
            inputs,
            training=False,
            packed=True,
            pooled_only=self.head.pooled_only,
        )
        return self.head.vectors(encoded, inputs)

    # === Config ===
    @property
    def named_variables(self) -> dict:
        """The weights by name, `encoder/...` and `head/...`."""
        start = len(self.head.name) + 1
        return {
            f"encoder/{name}": variable
            for name, variable in self.encoder.named_variables.items()
        } | {
            f"head/{variable.path[start:]}": variable
            for variable in self.head.weights
        }


class Networks(keras.Model):
    """The networks of tasks that share an encoder, to be trained together.

    It holds their weights, each once, and is not called itself.

    Args:
        networks: One for each task.
    """

    def __init__(self, networks: Sequence[Network]):
        super().__init__(name="networks")
        self.networks = list(networks)
        self.built = True
