"""Any encoder of the TF Hub text API, as a Keras 3 layer.

ALBERT, ELECTRA, talking heads and MobileBERT are published as SavedModels:
graphs with weights that have BERT's inputs and outputs, and nothing else in
common with it. This layer calls such a graph as it is. Its variables become
Keras variables that share the same memory, so that optimizers train them and
exports contain them.

https://www.tensorflow.org/hub/common_saved_model_apis/text
"""

import contextlib
from pathlib import Path

import keras

from bert_keras.config import SavedModelConfig
from bert_keras.contract import (
    ENCODER_INPUTS,
    ENCODER_OUTPUTS,
    INPUT_WORD_IDS,
    POOLED_OUTPUT,
    SEQUENCE_OUTPUT,
)
from bert_keras.encoders.saved_model_graph import (
    length_of,
    text_api_functions,
    variables_of,
)
from bert_keras.encoders.trainable import (
    count_parameters,
    freeze_names,
    frozen_names,
    unfreeze,
)
from bert_keras.trust import SAVED_MODEL, require_trust


@keras.saving.register_keras_serializable("bert_keras")
class SavedModelEncoder(keras.Model):
    """The encoder of a SavedModel: packed ids in, vectors out.

    It computes in float32, on TensorFlow, as it was published. Its dropout
    ignores Keras' seeds: training with dropout is not reproducible bit for
    bit.

    Keras saves it by the path of its folder, which must still exist when it is
    loaded, and must not need `trust`.

    Args:
        folder: Contains `saved_model.pb`.
        trust: Whether it may do more than compute; see `bert_keras.trust`.
        dtype: `"float32"` or `None`.
        weights: Whether the folder contains its weights, in `variables/`. If
            not, as in a task's folder, they are undefined until restored.

    Call arguments:
        inputs: Dict of `input_word_ids`, `input_mask` and `input_type_ids`,
            each int32 [batch, length].
        training: Whether dropout is active.
        packed: Has no effect; `BertEncoder` has this argument. The graph has
            one layout, the padded one.
        return_attention_scores: Must be off: the graph does not return them.
        pooled_only: Whether to return `pooled_output` alone; the graph
            computes the same either way.

    Returns:
        Dict of `sequence_output` float32 [batch, length, width],
        `pooled_output` float32 [batch, width], and `encoder_outputs`, the
        list of the layers' outputs, or of the last layer's alone if the
        SavedModel returns no others. With `pooled_only`, just `pooled_output`.

    Attributes:
        config: What tasks need to know about it.
        folder: Where its SavedModel is.

    Raises:
        UntrustedModel: If it does more than compute, and is not trusted.
        ValueError: If it is not a SavedModel of this API, or if `dtype` or
            Keras' backend is another.
    """

    def __init__(
        self,
        folder: str | Path,
        *,
        trust: bool = False,
        dtype=None,
        weights: bool = True,
        name="saved_model",
    ):
        super().__init__(dtype="float32", name=name)
        _check_setting(dtype)
        require_trust(folder, trust=trust)
        import tensorflow as tf

        # TensorFlow reaches the variables through this object: it is kept.
        self._loaded = tf.saved_model.load(
            str(folder),
            options=tf.saved_model.LoadOptions(
                experimental_skip_checkpoint=not weights
            ),
        )
        self._functions = text_api_functions(self._loaded, folder)
        outputs = self._functions[0].structured_outputs
        self.folder = Path(folder)
        self._weights = weights
        self.config = SavedModelConfig(outputs[SEQUENCE_OUTPUT].shape[-1])
        # FNet mixes positions by a matrix of fixed size: its sequences all
        # have the same length.
        self._length = length_of(self._functions[0])
        self._takes_training = any(
            value is True
            for function in self._functions
            for value in tf.nest.flatten(function.structured_input_signature)
        )
        self.named_variables = {}
        for variable in variables_of(self._functions):
            self._adopt(variable)
        self.built = True

    def _adopt(self, variable):
        """Makes a Keras variable of TensorFlow's, without a copy."""
        *scopes, name = variable.name.split(":")[0].split("/")
        path, count = "/".join([*scopes, name]), 1
        while path in self.named_variables:
            count += 1
            path = "/".join([*scopes, f"{name}_{count}"])
        with contextlib.ExitStack() as stack:
            for scope in (self.name, *scopes):
                stack.enter_context(keras.name_scope(scope))
            adopted = keras.Variable(
                variable,
                dtype=variable.dtype.name,
                trainable=variable.trainable,
                autocast=False,
                name=path.split("/")[-1],
            )
        self._track_variable(adopted)
        self.named_variables[path] = adopted

    # === What is trained ===
    def freeze(self, what: int | str = "all") -> None:
        """Freezes all weights.

        Args:
            what: Must be `"all"`: which weights of a SavedModel belong to
                which block is unknown.

        Raises:
            ValueError: If it is anything else.
        """
        if what != "all":
            raise ValueError(
                "Expected 'all': the blocks of an encoder that is a SavedModel "
                f"are unknown. Received: freeze({what!r}). Set `trainable` of "
                "single weights in `encoder.named_variables`, or load a BERT "
                "checkpoint."
            )
        self.trainable = False

    def unfreeze(self) -> None:
        """Undoes `freeze`; what was published as frozen stays frozen."""
        unfreeze(self)

    @property
    def frozen(self) -> list[str]:
        """What is frozen now, including what was published as frozen."""
        return frozen_names(self.named_variables)

    def enable_lora(self, rank: int, *, seed: int | None = None) -> None:
        """Raises an error: the graph of a SavedModel cannot be changed.

        Raises:
            ValueError: Always.
        """
        raise ValueError(
            "Expected an encoder that was loaded from a BERT checkpoint: LoRA "
            "changes layers, and the graph of a SavedModel is fixed. Received: "
            f"{self!r}. Try encoder.freeze('all'), to train the head alone."
        )

    def merge_lora(self) -> None:
        """Raises an error: there is no LoRA; see `enable_lora`.

        Raises:
            ValueError: Always.
        """
        raise ValueError(
            "Expected an encoder with LoRA. Received: lora_rank=None. Its "
            "weights are plain already: there is nothing to merge."
        )

    @property
    def lora_rank(self) -> None:
        """`None`: there is no LoRA."""
        return None

    # === Data flow ===
    def call(
        self,
        inputs,
        training=None,
        packed=False,
        return_attention_scores=False,
        pooled_only=False,
    ):
        if return_attention_scores:
            raise ValueError(
                "Expected `return_attention_scores` to be off: the graph of a "
                "SavedModel does not return them. Received: "
                "return_attention_scores=True. Load a BERT checkpoint instead."
            )
        missing = [name for name in ENCODER_INPUTS if name not in inputs]
        if missing:
            raise ValueError(
                f"Expected the inputs {', '.join(ENCODER_INPUTS)}. Missing: "
                f"{', '.join(missing)}"
            )
        padded = {
            name: self._pad(keras.ops.cast(inputs[name], "int32"))
            for name in ENCODER_INPUTS
        }
        options = {"training": bool(training)} if self._takes_training else {}
        outputs = self._loaded(padded, **options)
        if pooled_only:
            return {POOLED_OUTPUT: outputs[POOLED_OUTPUT]}
        layers = outputs.get(ENCODER_OUTPUTS, [outputs[SEQUENCE_OUTPUT]])
        length = keras.ops.shape(inputs[INPUT_WORD_IDS])[1]
        return {
            SEQUENCE_OUTPUT: self._truncate(outputs[SEQUENCE_OUTPUT], length),
            POOLED_OUTPUT: outputs[POOLED_OUTPUT],
            ENCODER_OUTPUTS: [
                self._truncate(layer, length) for layer in layers
            ],
        }

    def _pad(self, sequences):
        """Pads to the length that the graph requires, if it requires one."""
        if self._length is None:
            return sequences
        import tensorflow as tf

        missing = self._length - tf.shape(sequences)[1]
        sequences = tf.pad(sequences, [[0, 0], [0, missing]])
        return tf.ensure_shape(sequences, [None, self._length])

    def _truncate(self, outputs, length):
        return outputs if self._length is None else outputs[:, :length]

    # === Config ===
    def get_config(self):
        return {
            "folder": str(self.folder.absolute()),
            "weights": self._weights,
            "name": self.name,
            "trainable": self.trainable,
            "frozen": self.frozen,
        }

    @classmethod
    def from_config(cls, values):
        # A file cannot grant trust: a SavedModel that needs it is refused.
        folder = Path(values["folder"])
        if not (folder / SAVED_MODEL).is_file():
            raise ValueError(
                f"{folder}: Expected the SavedModel of an encoder, since Keras "
                "saves its weights but not its graph. Received: no "
                f"{SAVED_MODEL}. Move the folder back, or save the task with "
                "`task.save`, which copies the graph."
            )
        encoder = cls(folder, weights=values["weights"], name=values["name"])
        encoder.trainable = values["trainable"]
        freeze_names(encoder, values["frozen"])
        return encoder

    def __repr__(self):
        return (
            f"SavedModelEncoder(hidden_size {self.config.hidden_size}, "
            f"{count_parameters(self.named_variables)}, from {self.folder})"
        )


def _check_setting(dtype):
    if keras.backend.backend() != "tensorflow":
        raise ValueError(
            "Expected Keras' backend to be TensorFlow, the only one that runs "
            f"SavedModels. Received: {keras.backend.backend()}. Set the "
            "environment variable KERAS_BACKEND=tensorflow."
        )
    if dtype not in (None, "float32"):
        raise ValueError(
            "Expected dtype 'float32': a SavedModel computes in the precision "
            f"it was published with. Received: dtype={dtype!r}"
        )
