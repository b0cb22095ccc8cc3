"""Builds what people have who classify with BERT from TensorFlow Hub.

    /garden/bin/python benchmarks/inference_hub.py WORK

needs this project with its extra `garden`, and the training which
`inference_models.py` left in WORK; `inference.py` calls both. The Model
Garden's own exporter writes the two SavedModels behind a pair of TensorFlow
Hub's handles: a preprocessor, and the encoder with the trained weights. As
TensorFlow's tutorial on classifying text with BERT has it, two
`hub.KerasLayer`s, a dropout and a dense layer make one model of them, which
is saved whole: strings in, scores out.
"""

import argparse
import importlib.util
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import shared


def export_handles(run: Path, scratch: Path) -> tuple[str, str]:
    """Returns what a preprocessor's and an encoder's handle resolve to.

    Args:
        run: The trained task; its encoder goes into the second.
        scratch: Folder to write both into.
    """
    import tensorflow as tf
    from official.legacy.bert.configs import BertConfig
    from official.nlp.tools import export_tfhub_lib

    import bert_keras as bk

    checkpoint = bk.convert(
        run, scratch / "checkpoint", format="garden", without_heads=True
    )
    config = json.loads((checkpoint / "bert_config.json").read_text())
    if config["hidden_act"] != "gelu":
        raise ValueError(
            "Expected an encoder with hidden_act='gelu'. Received: "
            f"hidden_act={config['hidden_act']!r}. Let `export_handles` give "
            "the Garden that function."
        )
    # A function, because the Garden takes the name for the approximation.
    config["hidden_act"] = tf.nn.gelu
    preprocessor, encoder = scratch / "preprocessor", scratch / "encoder"
    vocabulary = {
        "vocab_file": str(checkpoint / "vocab.txt"),
        "do_lower_case": True,
    }
    export_tfhub_lib.export_preprocessing(
        str(preprocessor),
        tokenize_with_offsets=False,
        default_seq_length=shared.MAX_LENGTH,
        **vocabulary,
    )
    export_tfhub_lib.export_model(
        str(encoder),
        bert_config=BertConfig.from_dict(config),
        model_checkpoint_path=str(checkpoint / "bert_model.ckpt"),
        with_mlm=False,
        **vocabulary,
    )
    return str(preprocessor), str(encoder)


def classifier(preprocessor: str, encoder: str, head: dict):
    """Returns a tf_keras model of strings.

    Args:
        preprocessor: Handle.
        encoder: Handle.
        head: The trained `kernel`, float32 [width, labels], and `bias`.
    """
    import tensorflow as tf
    import tensorflow_hub as hub
    import tensorflow_text  # noqa: F401  (registers the tokenizer's ops)
    import tf_keras

    layers = tf_keras.layers
    text = layers.Input([], dtype=tf.string, name="text")
    inputs = hub.KerasLayer(preprocessor, name="preprocessor")(text)
    encoded = hub.KerasLayer(encoder, trainable=True, name="encoder")(inputs)
    pooled = layers.Dropout(0.1)(encoded["pooled_output"])
    # What serves a Keras model calls inputs and outputs by their layers.
    dense = layers.Dense(len(head["bias"]), activation="softmax", name="scores")
    model = tf_keras.Model(text, dense(pooled))
    dense.set_weights([head["kernel"], head["bias"]])
    return model


def build(work: Path) -> None:
    if not importlib.util.find_spec("official"):
        sys.exit(
            "Expected an environment with the Model Garden. Received: "
            f"{sys.executable}. Install this project's extra garden there."
        )
    from safetensors.numpy import load_file

    run = work / "run"
    if not (run / "model.safetensors").exists():
        sys.exit(
            f"Expected a trained task in {run}. Received: no weights there. "
            f"Run inference_models.py {work} first."
        )
    trained = load_file(run / "model.safetensors")
    head = {name: trained[f"head/dense/{name}"] for name in ("kernel", "bias")}
    with tempfile.TemporaryDirectory(dir=work) as scratch:
        handles = export_handles(run, Path(scratch))
        whole = Path(scratch, "whole")
        classifier(*handles, head).save(whole, include_optimizer=False)
        shutil.rmtree(work / "hub", ignore_errors=True)
        whole.rename(work / "hub")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("work", type=Path)
    build(parser.parse_args().work)


if __name__ == "__main__":
    main()
