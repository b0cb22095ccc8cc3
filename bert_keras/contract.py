"""The names that one stage passes to the next, each defined once.

The encoder's names are those of the TF Hub text API
(https://www.tensorflow.org/hub/common_saved_model_apis/text), so any encoder
that follows this API can replace another.

raw text -> preprocessing -> encoder -> head -> postprocessing
"""

# Preprocessor -> encoder, each int32 [batch, length].
INPUT_WORD_IDS = "input_word_ids"
INPUT_MASK = "input_mask"
INPUT_TYPE_IDS = "input_type_ids"
ENCODER_INPUTS = (INPUT_WORD_IDS, INPUT_MASK, INPUT_TYPE_IDS)
# Preprocessor -> head, where a text may be several consecutive windows.
WINDOW_COUNTS = "window_counts"  # int32 [texts], number of windows per text

# Encoder -> head.
SEQUENCE_OUTPUT = "sequence_output"  # float [batch, length, hidden]
POOLED_OUTPUT = "pooled_output"  # float [batch, hidden]
ENCODER_OUTPUTS = "encoder_outputs"  # one sequence output per layer
# float [batch, heads, length, length] per layer
ATTENTION_SCORES = "attention_scores"

# Other names of the TF Hub text API.
DEFAULT_OUTPUT = "default"  # the same as `pooled_output`
MASKED_LM_POSITIONS = "masked_lm_positions"  # int32 [batch, masks]
MLM_LOGITS = "mlm_logits"  # float32 [batch, masks, vocab_size]

# Marks a token that continues a word, in vocabularies and in answers.
CONTINUATION_PREFIX = "##"

# Inputs of a signature, each string [batch].
TEXT = "text"
TEXT_A = "text_a"
TEXT_B = "text_b"
QUESTION = "question"
CONTEXT = "context"  # of any length
PREDICATE = "predicate"  # int32 [batch], index into `text.split()`
_INTEGERS = (PREDICATE,)

# Outputs of a signature.
LABEL = "label"  # string [batch]
SCORE = "score"  # float32 [batch]
CLASSES = "classes"  # string [batch, labels]
SCORES = "scores"  # float32 [batch, labels]
ANSWER = "answer"  # string [batch], "" if there is none
START = "start"  # int32 [batch], in characters; -1 if there is none
END = "end"  # int32 [batch], in characters, exclusive
NO_ANSWER_SCORE = "no_answer_score"  # float32 [batch]
# Best first, [batch, n], with SCORES, padded with "", 0.0 and -1.
ANSWERS = "answers"  # string
STARTS = "starts"  # int32
ENDS = "ends"  # int32
# Entities, [batch, entities], padded with "", 0.0 and -1.
ENTITY_TEXT = "entity_text"  # string
ENTITY_LABEL = "entity_label"  # string
ENTITY_SCORE = "entity_score"  # float32
ENTITY_START = "entity_start"  # int32, in characters
ENTITY_END = "entity_end"  # int32, in characters, exclusive
ENTITY_COUNT = "entity_count"  # int32 [batch]
# Masks, [batch, masks, k], best first, with SCORES, padded with "" and 0.0;
# their STARTS and ENDS are [batch, masks], padded with -1.
TOKENS = "tokens"  # string
SEQUENCES = "sequences"  # string, the text with this token for the mask
SEQUENCE = "sequence"  # string [batch], with the best token for every mask
EMBEDDING = "embedding"  # float32 [batch, hidden]

# What options name: how the tokens of a text become one vector, how the
# vectors of a long text's windows do, and what joins several labels of a text.
POOLINGS = ("cls", "mean", "max")
WINDOW_POOLINGS = ("mean", "max", "attention")
LABEL_SEPARATOR = "|"

# Signatures of an exported SavedModel.
SERVING_DEFAULT = "serving_default"
ENCODE = "encode"

# Files in the folder of a run, an encoder or an exported version.
TOKENIZER_CONFIG = "tokenizer_config.json"
EXPORT_MANIFEST = "bert_keras.json"
TASK_CONFIG = "task.json"
ENCODER_CONFIG = "encoder.json"
WEIGHTS = "model.safetensors"
VOCABULARY = "vocab.txt"


def input_spec(name: str):
    """Returns the `tf.TensorSpec` of a signature's input, [batch]."""
    import tensorflow as tf

    dtype = tf.int32 if name in _INTEGERS else tf.string
    return tf.TensorSpec([None], dtype, name=name)


def encoder_input_specs() -> dict:
    """Returns the `tf.TensorSpec`s of packed inputs, int32 [batch, length]."""
    import tensorflow as tf

    return {
        name: tf.TensorSpec([None, None], tf.int32, name=name)
        for name in ENCODER_INPUTS
    }
