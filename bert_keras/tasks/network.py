"""An encoder and a head, trained together."""

from collections.abc import Sequence

import keras


@keras.saving.register_keras_serializable("bert_keras")
class Network(keras.Model):
    """Packed ids in, logits out.

    Keras can save and load it: `network.save("network.keras")`, then
    `keras.models.load_model("network.keras")` after `import bert_keras.tasks`,
    which registers its classes. `save_weights` and `load_weights` work too.
    Preprocessing and decoding are the task's: `task.save` saves everything.

    Args:
        encoder: A `BertEncoder`, or a model with its inputs and outputs.
        head: A layer on its outputs and inputs. Its attribute `pooled_only`
            says whether it reads only `pooled_output`. If it has an attribute
            `tied` that is true, it is called with the encoder's word
            embeddings, `table=`.

    Call arguments:
        inputs: The encoder's inputs, each int32 [batch, length].
        training: Whether dropout is active.
        packed: Whether padding is left out; see `BertEncoder`.

    Returns:
        The head's output: logits, for most tasks.
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
        # A tied head uses the encoder's word embeddings but does not own them.
        # As an attribute of the head, they would be counted and saved twice.
        if getattr(self.head, "tied", False):
            table = self.encoder.embeddings.word.embeddings
            return self.head(encoded, inputs, training=training, table=table)
        return self.head(encoded, inputs, training=training)

    def vectors(self, inputs):
        """Returns the vector of each sequence, for a head that pools.

        Args:
            inputs: The encoder's inputs, each int32 [batch, length].

        Returns:
            float [batch, width], for the head's `answer`.
        """
        encoded = self.encoder(
            inputs,
            training=False,
            packed=True,
            pooled_only=self.head.pooled_only,
        )
        return self.head.vectors(encoded, inputs)

    # === Config ===
    def get_config(self):
        """Returns what `from_config` takes."""
        return {
            "encoder": keras.saving.serialize_keras_object(self.encoder),
            "head": keras.saving.serialize_keras_object(self.head),
            "frozen": [
                name
                for name, variable in self.named_variables.items()
                if not variable.trainable
            ],
        }

    @classmethod
    def from_config(cls, config):
        """Builds what `get_config` described, with new weights."""
        network = cls(
            keras.saving.deserialize_keras_object(config["encoder"]),
            keras.saving.deserialize_keras_object(config["head"]),
        )
        for name, variable in network.named_variables.items():
            variable.trainable = name not in config["frozen"]
        return network

    @property
    def named_variables(self) -> dict:
        """The weights by name, `encoder/...` and `head/...`."""
        start = len(self.head.name) + 1
        for variable in self.head.weights:
            if not variable.path.startswith(f"{self.head.name}/"):
                raise ValueError(
                    "Expected weights of the head below its name, "
                    f"{self.head.name}/. Received: {variable.path}. Create "
                    "them, and build inner layers, in the head's `build`."
                )
        return {
            f"encoder/{name}": variable
            for name, variable in self.encoder.named_variables.items()
        } | {
            f"head/{variable.path[start:]}": variable
            for variable in self.head.weights
        }

    def __repr__(self):
        return f"Network({self.encoder!r}, {type(self.head).__name__})"


@keras.saving.register_keras_serializable("bert_keras")
class Networks(keras.Model):
    """The networks of tasks that share an encoder and are trained together.

    It collects their weights, each once, and is not called itself.

    Args:
        networks: One for each task.
    """

    def __init__(self, networks: Sequence[Network]):
        super().__init__(name="networks")
        self.networks = list(networks)
        self.built = True

    # === Config ===
    def get_config(self):
        """Returns what `from_config` takes."""
        # One encoder, since it is the same object in every network.
        return {
            "encoder": keras.saving.serialize_keras_object(
                self.networks[0].encoder
            ),
            "heads": [
                keras.saving.serialize_keras_object(network.head)
                for network in self.networks
            ],
        }

    @classmethod
    def from_config(cls, config):
        """Builds what `get_config` described, with new weights."""
        encoder = keras.saving.deserialize_keras_object(config["encoder"])
        heads = map(keras.saving.deserialize_keras_object, config["heads"])
        return cls([Network(encoder, head) for head in heads])
