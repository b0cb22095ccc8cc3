"""Shapes: those of an encoder's weights, without building it."""

from bert_keras.config import BertConfig


def encoder_shapes(config: BertConfig) -> dict[str, tuple[int, ...]]:
    """Returns the shapes of an encoder's weights.

    Args:
        config: The architecture.

    Returns:
        Shapes by the names of `BertEncoder.named_variables`, in their order
        from the embeddings to the pooler.

    Example:
        >>> config = BertConfig.named("tiny", vocab_size=30522)
        >>> encoder_shapes(config)["block_1/feed_forward/inner/kernel"]
        (128, 512)
    """
    width = config.hidden_size
    shapes = {"embeddings/word/embeddings": (config.vocab_size, width)}
    if config.position_embedding_type == "absolute":
        rows = config.max_position_embeddings
        shapes["embeddings/position/embeddings"] = (rows, width)
    shapes["embeddings/type/embeddings"] = (config.type_vocab_size, width)
    shapes |= _norm("embeddings/norm", width)
    for number in range(config.num_hidden_layers):
        block = _block(config)
        shapes |= {f"block_{number}/{k}": shape for k, shape in block.items()}
    return shapes | _dense("pooler", width, width)


def _block(config: BertConfig) -> dict[str, tuple[int, ...]]:
    width, inner = config.hidden_size, config.intermediate_size
    return {
        **_dense("attention/query", width, width),
        **_dense("attention/key", width, width),
        **_dense("attention/value", width, width),
        **_dense("attention/output", width, width),
        **_norm("attention_norm", width),
        **_dense("feed_forward/inner", width, inner),
        **_dense("feed_forward/outer", inner, width),
        **_norm("feed_forward_norm", width),
    }


def _dense(name: str, width: int, out: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}/kernel": (width, out), f"{name}/bias": (out,)}


def _norm(name: str, width: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}/gamma": (width,), f"{name}/beta": (width,)}
