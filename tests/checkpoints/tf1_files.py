"""Checkpoints as google-research/bert wrote them, made by TF1's own saver."""

import json
import re

import numpy as np
import tensorflow as tf

# Hugging Face's names, in which the golden encoders are stored, and TF1's.
_NAMES = {
    r"embeddings\.(word|position|token_type)_embeddings\.weight": (
        r"bert/embeddings/\1_embeddings"
    ),
    r"encoder\.layer\.(\d+)\.(.*)": r"bert/encoder/layer_\1/\2",
    r"(embeddings\.LayerNorm\..*|pooler\..*)": r"bert/\1",
}


def tf1_weights(theirs: dict) -> dict:
    """Returns Hugging Face's weights under the names that they came from."""
    weights = {}
    for name, values in theirs.items():
        for pattern, replacement in _NAMES.items():
            name = re.sub(f"^{pattern}$", replacement, name)
        if "embeddings/" not in name and values.ndim == 2:
            name, values = name.replace("weight", "kernel"), values.T
        name = name.replace("LayerNorm.weight", "LayerNorm.gamma")
        name = name.replace("LayerNorm.bias", "LayerNorm.beta")
        weights[name.replace(".", "/")] = values
    return weights


def save_tf1(folder, weights, config, pieces=()):
    """Writes a folder with configuration, checkpoint and vocabulary."""
    folder.mkdir(parents=True, exist_ok=True)
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        for name, values in weights.items():
            tf.compat.v1.get_variable(
                name, initializer=tf.constant(values), use_resource=False
            )
        session.run(tf.compat.v1.global_variables_initializer())
        path = str(folder / "bert_model.ckpt")
        tf.compat.v1.train.Saver().save(session, path, write_state=False)
    (folder / "bert_config.json").write_text(json.dumps(config))
    if pieces:
        text = "\n".join(pieces) + "\n"
        (folder / "vocab.txt").write_text(text, encoding="utf-8")
    return folder


def random_weights(shapes: dict) -> dict:
    """Returns float32 values for names and shapes."""
    random = np.random.default_rng(3)
    return {
        name: random.normal(0, 0.5, shape).astype("float32")
        for name, shape in shapes.items()
    }


def tf1_shapes(sizes: dict) -> dict:
    """Returns names and shapes of an encoder's variables."""
    width, inner = sizes["hidden_size"], sizes["intermediate_size"]
    shapes = {
        "bert/embeddings/word_embeddings": (sizes["vocab_size"], width),
        "bert/embeddings/position_embeddings": (
            sizes["max_position_embeddings"],
            width,
        ),
        "bert/embeddings/token_type_embeddings": (
            sizes["type_vocab_size"],
            width,
        ),
    }
    dense = {"bert/pooler/dense": (width, width)}
    norms = ["bert/embeddings/LayerNorm"]
    for i in range(sizes["num_hidden_layers"]):
        block = f"bert/encoder/layer_{i}/"
        for name in ("query", "key", "value"):
            dense[f"{block}attention/self/{name}"] = (width, width)
        dense[block + "attention/output/dense"] = (width, width)
        dense[block + "intermediate/dense"] = (width, inner)
        dense[block + "output/dense"] = (inner, width)
        norms += [
            block + "attention/output/LayerNorm",
            block + "output/LayerNorm",
        ]
    for name, (rows, columns) in dense.items():
        shapes[name + "/kernel"] = (rows, columns)
        shapes[name + "/bias"] = (columns,)
    for name in norms:
        shapes[name + "/gamma"] = shapes[name + "/beta"] = (width,)
    return shapes
