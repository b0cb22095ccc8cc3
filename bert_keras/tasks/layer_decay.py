"""Layer-wise decay of the learning rate: lower blocks change less."""

from bert_keras.training import TrainingSettings


def rate_multipliers(network, settings: TrainingSettings) -> dict[str, float]:
    """Returns the factor on the learning rate of each weight, by its path.

    The head has the factor 1, and so have weights that are not listed here;
    the highest block has `layer_decay`, the one below it `layer_decay` squared,
    and the embeddings the lowest of all: https://arxiv.org/abs/1905.05583,
    section 5.4.3.

    Args:
        network: Encoder and head.
        settings: Says `layer_decay`.

    Raises:
        ValueError: If the encoder has no list of blocks.
    """
    if settings.layer_decay == 1.0:
        return {}
    encoder = network.encoder
    blocks = getattr(encoder, "blocks", None)
    if blocks is None:
        raise ValueError(
            "Expected an encoder whose blocks are known, with `layer_decay`. "
            f"Received: {type(encoder).__name__}"
        )
    factors = {
        weight.path: settings.layer_decay ** (len(blocks) + 1)
        for weight in encoder.embeddings.weights
    }
    for depth, block in enumerate(reversed(blocks), start=1):
        for weight in block.weights:
            factors[weight.path] = settings.layer_decay**depth
    return factors
