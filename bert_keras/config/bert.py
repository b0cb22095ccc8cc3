"""BERT's own architecture, with the keys of its JSON files."""

import dataclasses
import json
from pathlib import Path

from bert_keras.config.ranges import SIZE_RANGES, check_integer, check_numbers

# The five sizes of Turc et al. 2019 (https://arxiv.org/abs/1908.08962) and
# BERT's own two (https://arxiv.org/abs/1810.04805): layers, width, heads.
SIZES = {
    "tiny": (2, 128, 2),
    "mini": (4, 256, 4),
    "small": (4, 512, 8),
    "medium": (8, 512, 8),
    "base": (12, 768, 12),
    "large": (24, 1024, 16),
}

ACTIVATIONS = ("gelu", "gelu_new", "gelu_pytorch_tanh", "relu")
POSITIONS = ("absolute", "sinusoidal")

# Keys of published configuration files that do not change what the encoder
# computes: bookkeeping, heads, generation. Any other unknown key is an error.
_BOOKKEEPING = frozenset(
    """
    _name_or_path architectures attn_implementation auto_map
    bos_token_id chunk_size_feed_forward classifier_dropout
    decoder_start_token_id directionality do_sample dtype eos_token_id
    finetuning_task
    gradient_checkpointing id2label label2id language
    max_length min_length model_type name num_labels num_beams
    output_attentions output_hidden_states output_past pooler_fc_size
    pooler_num_attention_heads pooler_num_fc_layers pooler_size_per_head
    pooler_type problem_type pruned_heads return_dict sep_token_id
    task_specific_params tie_encoder_decoder tie_word_embeddings
    tokenizer_class torch_dtype torchscript transformers_version use_bfloat16
    use_cache
    """.split()
)

# Keys that would change the network if set to any other value.
_REQUIRED = {
    "model_type": ("bert", None),
    "is_decoder": (False, None),
    "add_cross_attention": (False, None),
    "is_encoder_decoder": (False, None),
    "embedding_size": (None,),
}


@dataclasses.dataclass(frozen=True)
class BertConfig:
    """The architecture of one BERT encoder.

    Attributes:
        vocab_size: Tokens in the vocabulary, the rows of the embedding.
        hidden_size: Width of every layer's output.
        num_hidden_layers: Number of encoder blocks.
        num_attention_heads: Attention heads per block; must divide
            `hidden_size`.
        intermediate_size: Width inside the feed-forward layer.
        hidden_act: `"gelu"` (exact, with the error function), `"gelu_new"` or
            `"gelu_pytorch_tanh"` (tanh approximation), `"relu"`.
        hidden_dropout_prob: Dropout after the embeddings and each sublayer.
        attention_probs_dropout_prob: Dropout on attention probabilities.
        max_position_embeddings: Longest sequence, in tokens.
        type_vocab_size: Number of segment ids.
        initializer_range: Standard deviation of initial weights.
        layer_norm_eps: Added to the variance in layer normalization.
        position_embedding_type: `"absolute"` (learned) or `"sinusoidal"` (the
            fixed table of https://arxiv.org/abs/1706.03762, section 3.5).
        pad_token_id: Id of the padding token.

    Raises:
        ValueError: If a value is out of range or the sizes do not fit together.

    Example:
        >>> BertConfig.named("tiny", vocab_size=30522).hidden_size
        128
    """

    vocab_size: int
    hidden_size: int = 768
    num_hidden_layers: int = 12
    num_attention_heads: int = 12
    intermediate_size: int = 3072
    hidden_act: str = "gelu"
    hidden_dropout_prob: float = 0.1
    attention_probs_dropout_prob: float = 0.1
    max_position_embeddings: int = 512
    type_vocab_size: int = 2
    initializer_range: float = 0.02
    layer_norm_eps: float = 1e-12
    position_embedding_type: str = "absolute"
    pad_token_id: int = 0

    def __post_init__(self):
        for name, (least, most) in SIZE_RANGES.items():
            check_integer(name, getattr(self, name), least, most)
        check_integer("pad_token_id", self.pad_token_id, 0, self.vocab_size - 1)
        check_numbers(self)
        if self.hidden_size % self.num_attention_heads:
            raise ValueError(
                "Expected `hidden_size` to be a multiple of "
                "`num_attention_heads`. Received: "
                f"hidden_size={self.hidden_size}, "
                f"num_attention_heads={self.num_attention_heads}"
            )
        for name, choices in (
            ("hidden_act", ACTIVATIONS),
            ("position_embedding_type", POSITIONS),
        ):
            if getattr(self, name) not in choices:
                raise ValueError(
                    f"Expected `{name}` to be one of {', '.join(choices)}. "
                    f"Received: {name}={getattr(self, name)!r}"
                )

    @classmethod
    def named(cls, size: str, *, vocab_size: int, **changes) -> "BertConfig":
        """Returns the configuration of a published size, `tiny` to `large`.

        Args:
            size: A key of `SIZES`.
            vocab_size: Tokens in the vocabulary.
            **changes: Fields that differ from the published size.

        Raises:
            ValueError: If the size is unknown.
        """
        if size not in SIZES:
            raise ValueError(
                f"Expected `size` to be one of {', '.join(SIZES)}. "
                f"Received: size={size!r}"
            )
        layers, width, heads = SIZES[size]
        fields = {
            "vocab_size": vocab_size,
            "hidden_size": width,
            "num_hidden_layers": layers,
            "num_attention_heads": heads,
            "intermediate_size": 4 * width,
        }
        return cls(**{**fields, **changes})

    @classmethod
    def from_dict(cls, values: dict) -> "BertConfig":
        """Reads the keys of a `bert_config.json` or `config.json`.

        Raises:
            ValueError: If a key is unknown, or describes another architecture.
        """
        for key, accepted in _REQUIRED.items():
            if values.get(key) not in accepted:
                raise ValueError(
                    "Expected the configuration of a BERT encoder. "
                    f"Received: {key}={values[key]!r}. Only BERT's own "
                    "architecture can be loaded from these weights."
                )
        names = {field.name for field in dataclasses.fields(cls)}
        unknown = sorted(set(values) - names - _BOOKKEEPING - set(_REQUIRED))
        if unknown:
            raise ValueError(
                "Expected only keys of a BERT configuration. Received unknown "
                f"keys: {', '.join(unknown)}. If they do not change what the "
                "encoder computes, remove them from the file."
            )
        if "vocab_size" not in values:
            raise ValueError(
                "Expected a BERT configuration with `vocab_size`. Received "
                f"keys: {', '.join(sorted(values)) or 'none'}"
            )
        values = {key: values[key] for key in names & set(values)}
        if values.get("pad_token_id", 0) is None:
            del values["pad_token_id"]  # as if it were not there
        return cls(**values)

    @classmethod
    def from_file(cls, path: str | Path) -> "BertConfig":
        """Reads a JSON file; an error names the file."""
        path = Path(path)
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            if not isinstance(values, dict):
                raise ValueError("Expected a JSON object.")
            return cls.from_dict(values)
        except (ValueError, TypeError) as error:
            raise ValueError(f"{path}: {error}") from error

    def to_dict(self) -> dict:
        """Returns the fields by name, ready for JSON."""
        return dataclasses.asdict(self)
