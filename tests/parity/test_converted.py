"""transformers loads what `convert` writes; `make test-torch`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from small_contents import small_contents

from bert_keras.checkpoints import load_preprocessor
from bert_keras.config import TokenizerConfig
from bert_keras.export.writers.huggingface import write_huggingface

pytestmark = pytest.mark.torch

SCRIPT = Path(__file__).with_name("transformers_convert_reference.py")
CLASSES = (
    "BertModel",
    "BertForPreTraining",
    "BertForMaskedLM",
    "BertForNextSentencePrediction",
    "BertForSequenceClassification",
    "BertForTokenClassification",
    "BertForQuestionAnswering",
    "BertForMultipleChoice",
)
TEXTS = [
    "the film is good, a bad play",
    "THE Film",
    "Café CAFE\u0301 naïve",
    "東京 a東",
    "",
    "  [MASK] is good. [SEP]",
    "unplayable\u00adplay \x00 \ufffd",
    "play" * 25,
    "play" * 26,
    "play" * 50 + " " + "play" * 51,
]
TOKENIZERS = {
    "hundred": TokenizerConfig(max_word_length=100),
    "two_hundred": TokenizerConfig(),
    "cased": TokenizerConfig(do_lower_case=False, max_word_length=100),
    "accents": TokenizerConfig(strip_accents=False, max_word_length=100),
    "only_accents": TokenizerConfig(
        do_lower_case=False, strip_accents=True, max_word_length=12
    ),
    "chinese": TokenizerConfig(
        tokenize_chinese_chars=False, max_word_length=100
    ),
}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("converted")
    (root / "texts.json").write_text(json.dumps(TEXTS))
    for name, config in TOKENIZERS.items():
        folder = root / "tokenizers" / name
        folder.mkdir(parents=True)
        write_huggingface(small_contents(tokenizer=config), folder)
    subprocess.run([sys.executable, SCRIPT, root], check=True)
    return root


@pytest.mark.parametrize("shape", range(4))
@pytest.mark.parametrize("name", CLASSES)
def test_outputs_are_equal(root, name, shape):
    found = json.loads((root / "differences.json").read_text())
    result = found[f"{name}-{shape}"]
    assert result["class"] == name
    assert result["difference"] < 1e-5
    assert result["labels_kept"]
    assert result["missing"] == []
    assert result["unexpected"] == []


@pytest.mark.parametrize("name", TOKENIZERS)
def test_tokenizers_are_equal(root, name):
    found = json.loads((root / "ids.json").read_text())[name]
    folder = root / "tokenizers" / name
    preprocessor = load_preprocessor(folder, special_tokens_in_text=True)
    for row, text in enumerate(TEXTS):
        single = preprocessor([text])["input_word_ids"].numpy()[0].tolist()
        assert found["single"][row] == single, text
        pair = preprocessor([text], ["a film"])
        assert found["pair"][row] == pair["input_word_ids"].numpy()[0].tolist()
        types = pair["input_type_ids"].numpy()[0].tolist()
        assert found["types"][row] == types
    assert found["mask"] == preprocessor.vocabulary.mask_id
    assert found["pad"] == preprocessor.vocabulary.pad_id
