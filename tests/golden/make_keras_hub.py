"""Makes keras_hub/: a small preset of KerasHub, and what it computes.

    python tests/golden/make_keras_hub.py

needs keras-hub. The preset is what `save_to_preset` writes for a classifier of
three classes; beside it stand

    outputs.safetensors     inputs by our names, sequence and pooled output,
                            and the classifier's logits
    tokens.json             texts and the ids of their pieces
    made_with.json          versions
"""

import json
import shutil
from pathlib import Path

import keras
import keras_hub
import numpy as np
from safetensors.numpy import save_file

FOLDER = Path(__file__).with_name("keras_hub")

# Sizes differ from each other, so that no two axes can be mistaken.
SHAPE = {
    "vocabulary_size": 37,
    "hidden_dim": 12,
    "num_layers": 2,
    "num_heads": 3,
    "intermediate_dim": 20,
    "max_sequence_length": 11,
    "num_segments": 2,
}
TOKENIZER = {"lowercase": True, "strip_accents": True}
PIECES = """[PAD] [UNK] [CLS] [SEP] [MASK] the a film is good bad play ##ing
##ed un ##able . , ! ? 1 2 ##1 ##2 caf ##e na ##ive 東 京 The café Film naïve
not very dull""".split()
TEXTS = [
    "The film is good!",
    "the FILM is un played, 12 playing?",
    "Café naïve 東京 unable",
    "",
    "tabs\tand\nlines  of the  café",
]
MASK = np.array(
    [[1] * 9, [1] * 6 + [0] * 3, [1, 1, 0] * 3, [1] + [0] * 8], "int32"
)


def random_backbone(shape: dict, random) -> keras_hub.models.BertBackbone:
    """Returns a backbone with weights large enough for uneven attention."""
    backbone = keras_hub.models.BertBackbone(**shape)
    randomize(backbone, random)
    return backbone


def randomize(model, random) -> None:
    """Gives weights values that differ from each other, biases too."""
    for weight in model.weights:
        centre = 1.0 if weight.path.endswith("gamma") else 0.0
        weight.assign(random.normal(centre, 0.3, weight.shape))


def random_inputs(shape: dict, random, mask=MASK) -> dict[str, np.ndarray]:
    """Returns inputs by our names."""
    return {
        "input_word_ids": random.integers(
            0, shape["vocabulary_size"], mask.shape, "int32"
        ),
        "input_mask": mask,
        "input_type_ids": random.integers(
            0, shape["num_segments"], mask.shape, "int32"
        ),
    }


def their_names(inputs: dict) -> dict:
    """Returns inputs by KerasHub's names."""
    return {
        "token_ids": inputs["input_word_ids"],
        "padding_mask": inputs["input_mask"],
        "segment_ids": inputs["input_type_ids"],
    }


def tokenizer(**settings) -> keras_hub.models.BertTokenizer:
    """Returns the tokenizer of the small vocabulary."""
    return keras_hub.models.BertTokenizer(PIECES, **settings)


def main():
    """Writes the folder anew."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    random = np.random.default_rng(0)
    backbone, words = random_backbone(SHAPE, random), tokenizer(**TOKENIZER)
    classifier = keras_hub.models.BertTextClassifier(
        backbone,
        num_classes=3,
        preprocessor=keras_hub.models.BertTextClassifierPreprocessor(
            words, sequence_length=11
        ),
    )
    randomize(classifier.output_dense, random)
    classifier.save_to_preset(FOLDER)
    inputs = random_inputs(SHAPE, random)
    given = their_names(inputs)
    outputs = {k: np.array(v) for k, v in backbone(given).items()}
    outputs["logits"] = np.array(classifier(given))
    save_file({**inputs, **outputs}, FOLDER / "outputs.safetensors")
    tokens = {text: np.asarray(words(text)).tolist() for text in TEXTS}
    write_json("tokens.json", tokens)
    write_json(
        "made_with.json",
        {"keras": keras.__version__, "keras-hub": keras_hub.__version__},
    )


def write_json(name: str, values) -> None:
    """Writes a file of the folder."""
    text = json.dumps(values, indent=1, ensure_ascii=False)
    (FOLDER / name).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
