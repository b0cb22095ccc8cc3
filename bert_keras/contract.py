"""Every name that crosses the border between two stages, once.

The encoder's names are those of the TF Hub text API
(https://www.tensorflow.org/hub/common_saved_model_apis/text), so that any
encoder which honours it can stand in for another.

raw text -> preprocessing -> encoder -> head -> postprocessing
"""

# Preprocessor -> encoder, each int32 [batch, length].
INPUT_WORD_IDS = "input_word_ids"
INPUT_MASK = "input_mask"
INPUT_TYPE_IDS = "input_type_ids"
ENCODER_INPUTS = (INPUT_WORD_IDS, INPUT_MASK, INPUT_TYPE_IDS)
# Preprocessor -> head, where a text may be several rows, one after the other.
WINDOW_COUNTS = "window_counts"  # int32 [texts], rows of each text

# Encoder -> head.
SEQUENCE_OUTPUT = "sequence_output"  # float [batch, length, hidden]
POOLED_OUTPUT = "pooled_output"  # float [batch, hidden]
ENCODER_OUTPUTS = "encoder_outputs"  # a sequence output for each layer
ATTENTION_SCORES = "attention_scores"  # [batch, heads, length, length] a layer

# What the TF Hub text API has besides.
DEFAULT_OUTPUT = "default"  # `pooled_output` once more
MASKED_LM_POSITIONS = "masked_lm_positions"  # int32 [batch, masks]
MLM_LOGITS = "mlm_logits"  # float32 [batch, masks, vocab_size]

# Strings into a signature, each string [batch].
TEXT = "text"
TEXT_A = "text_a"
TEXT_B = "text_b"
QUESTION = "question"
CONTEXT = "context"  # of any length
PREDICATE = "predicate"  # int32 [batch], which word of `text.split()`
_WHOLE_NUMBERS = (PREDICATE,)

# Answers out of a signature.
LABEL = "label"  # string [batch]
SCORE = "score"  # float32 [batch]
CLASSES = "classes"  # string [batch, labels]
SCORES = "scores"  # float32 [batch, labels]
ANSWER = "answer"  # string [batch], "" for none
START = "start"  # int32 [batch], characters; -1 for none
END = "end"  # int32 [batch], the character after the last
NO_ANSWER_SCORE = "no_answer_score"  # float32 [batch]
# Best first, [batch, n], with SCORES, filled up with "", 0.0 and -1.
ANSWERS = "answers"  # string
STARTS = "starts"  # int32
ENDS = "ends"  # int32
# Entities, [batch, entities], filled up with "", 0.0 and -1.
ENTITY_TEXT = "entity_text"  # string
ENTITY_LABEL = "entity_label"  # string
ENTITY_SCORE = "entity_score"  # float32
ENTITY_START = "entity_start"  # int32, characters
ENTITY_END = "entity_end"  # int32, the character after the last
ENTITY_COUNT = "entity_count"  # int32 [batch]
# Masks, [batch, masks, pieces], best first, with SCORES, filled up with "" and
# 0.0; their STARTS and ENDS are [batch, masks], filled up with -1.
TOKENS = "tokens"  # string, pieces
SEQUENCES = "sequences"  # string, the text with this piece for the mask
SEQUENCE = "sequence"  # string [batch], the best piece for each mask
EMBEDDING = "embedding"  # float32 [batch, hidden]

# What options name: how the tokens of a text become one vector, how the
# vectors of a long text's windows do, and what joins several labels of a text.
POOLINGS = ("cls", "mean", "max")
WINDOW_POOLINGS = ("mean", "max", "attention")
LABEL_SEPARATOR = "|"

# Signatures of an exported SavedModel.
SERVING_DEFAULT = "serving_default"
ENCODE = "encode"

# Files of a run folder, an encoder's folder and an exported version.
EXPORT_MANIFEST = "bert_keras.json"
TASK_CONFIG = "task.json"
ENCODER_CONFIG = "encoder.json"
WEIGHTS = "model.safetensors"
VOCABULARY = "vocab.txt"


def input_spec(name: str):
    """Returns the `tf.TensorSpec` of an input of a signature, [batch]."""
    import tensorflow as tf

    whole = name in _WHOLE_NUMBERS
    return tf.TensorSpec([None], tf.int32 if whole else tf.string, name=name)


def encoder_input_specs() -> dict:
    """Returns the `tf.TensorSpec`s of packed ids, int32 [batch, length]."""
    import tensorflow as tf

    return {
        name: tf.TensorSpec([None, None], tf.int32, name=name)
        for name in ENCODER_INPUTS
    }
