"""Makes encoders/: small checkpoints, and what they compute, by transformers.

    python tests/golden/make_encoder.py

needs torch and transformers; each file names the versions it was made with.
One folder for each shape of encoder:

    config.json             as transformers writes it
    model.safetensors       random weights by transformers' names
    outputs.safetensors     inputs, all outputs, and the weights of a loss:
                            a weighted sum of sequence and pooled output
    gradients.safetensors   of that loss, for every weight, by the same names

The reference runs in float64, so that what differs is our rounding alone.
"""

import shutil
from pathlib import Path

import numpy as np
import torch
import transformers
from safetensors.numpy import save_file

FOLDER = Path(__file__).with_name("encoders")

# Sizes differ from each other, so that no two axes can be mistaken.
SHAPES = {
    "gelu": {
        "vocab_size": 30,
        "hidden_size": 8,
        "num_hidden_layers": 3,
        "num_attention_heads": 2,
        "intermediate_size": 20,
        "hidden_act": "gelu",
        "max_position_embeddings": 16,
        "type_vocab_size": 2,
        "layer_norm_eps": 1e-12,
    },
    "gelu_new": {
        "vocab_size": 37,
        "hidden_size": 12,
        "num_hidden_layers": 2,
        "num_attention_heads": 3,
        "intermediate_size": 10,
        "hidden_act": "gelu_new",
        "max_position_embeddings": 11,
        "type_vocab_size": 1,
        "layer_norm_eps": 1e-5,
    },
    "relu": {
        "vocab_size": 33,
        "hidden_size": 20,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "intermediate_size": 28,
        "hidden_act": "relu",
        "max_position_embeddings": 14,
        "type_vocab_size": 2,
        "layer_norm_eps": 1e-5,
    },
    "one_head": {
        "vocab_size": 41,
        "hidden_size": 6,
        "num_hidden_layers": 2,
        "num_attention_heads": 1,
        "intermediate_size": 24,
        "hidden_act": "gelu",
        "max_position_embeddings": 9,
        "type_vocab_size": 1,
        "layer_norm_eps": 1e-12,
    },
}

# Full, padded at the end, with gaps, as short as can be, padded at the start.
MASK = np.array(
    [
        [1, 1, 1, 1, 1, 1, 1, 1, 1],
        [1, 1, 1, 1, 1, 1, 0, 0, 0],
        [1, 1, 0, 1, 1, 0, 0, 1, 0],
        [1, 0, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 1, 1, 1, 1, 1],
    ],
    "int32",
)


def random_model(shape: dict, random) -> transformers.BertModel:
    """Returns a model with weights large enough for uneven attention."""
    config = transformers.BertConfig(**shape, attn_implementation="eager")
    model = transformers.BertModel(config).eval()
    for name, weight in model.named_parameters():
        centre = 1.0 if name.endswith("LayerNorm.weight") else 0.0
        spread = 0.3
        if name.endswith(("query.weight", "key.weight")):
            spread = 1.5 / shape["hidden_size"] ** 0.5
        values = random.normal(centre, spread, tuple(weight.shape))
        # Rounded first: the file's float32 and the reference are one number.
        weight.data = torch.tensor(values.astype("float32"))
    return model


def random_inputs(config, mask, random, spread) -> dict[str, np.ndarray]:
    """Returns ids, at padded places too, and the weights of the loss."""
    width = config.hidden_size
    return {
        # Without 0: PyTorch gives no gradient to the row of the padding piece.
        "input_word_ids": random.integers(
            1, config.vocab_size, mask.shape, "int32"
        ),
        "input_mask": mask,
        "input_type_ids": random.integers(
            0, config.type_vocab_size, mask.shape, "int32"
        ),
        "loss_of_sequence": random.normal(0, spread, (*mask.shape, width))
        * mask[:, :, None],
        "loss_of_pooled": random.normal(0, spread, (len(mask), width)),
    }


def compute(model, inputs: dict) -> tuple[dict, dict]:
    """Returns outputs and gradients, both by name."""
    given = {name: torch.tensor(values) for name, values in inputs.items()}
    model.double()
    encoded = model(
        input_ids=given["input_word_ids"],
        attention_mask=given["input_mask"],
        token_type_ids=given["input_type_ids"],
        output_hidden_states=True,
        output_attentions=True,
    )
    loss = (encoded.last_hidden_state * given["loss_of_sequence"]).sum()
    loss = loss + (encoded.pooler_output * given["loss_of_pooled"]).sum()
    loss.backward()
    outputs = {
        "sequence_output": encoded.last_hidden_state,
        "pooled_output": encoded.pooler_output,
    }
    for i, layer in enumerate(encoded.hidden_states[1:]):
        outputs[f"encoder_outputs.{i}"] = layer
    for i, scores in enumerate(encoded.attentions):
        outputs[f"attention_scores.{i}"] = scores
    gradients = {name: p.grad for name, p in model.named_parameters()}
    return outputs, gradients


def write(path: Path, tensors: dict):
    """Writes tensors as float32 (ids stay int32), with their origin."""
    arrays = {}
    for name, values in tensors.items():
        array = np.asarray(
            values.detach() if torch.is_tensor(values) else values
        )
        integers = array.dtype == np.int32
        arrays[name] = np.ascontiguousarray(
            array if integers else array.astype("float32")
        )
    save_file(
        arrays,
        path,
        metadata={
            "made_with": f"torch {torch.__version__}, "
            f"transformers {transformers.__version__}"
        },
    )


def write_reference(model, mask: np.ndarray, random, folder: Path, *, spread):
    """Writes outputs.safetensors and gradients.safetensors of a model.

    `spread` of the loss's weights is chosen so that gradients are about 1,
    where float32 resolves 1e-5 with room to spare.
    """
    inputs = random_inputs(model.config, mask, random, spread)
    outputs, gradients = compute(model, inputs)
    write(folder / "outputs.safetensors", {**inputs, **outputs})
    write(folder / "gradients.safetensors", gradients)


def main():
    """Writes the folders anew."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    for seed, (name, shape) in enumerate(SHAPES.items()):
        random = np.random.default_rng(seed)
        model = random_model(shape, random)
        folder = FOLDER / name
        folder.mkdir(parents=True)
        (folder / "config.json").write_text(model.config.to_json_string())
        write(folder / "model.safetensors", dict(model.named_parameters()))
        write_reference(model, MASK, random, folder, spread=0.05)


if __name__ == "__main__":
    main()
