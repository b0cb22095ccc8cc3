import hashlib
import json
import subprocess
import sys

import numpy as np
from safetensors.numpy import save_file

from bert_keras.checkpoints import describe


def test_a_checkpoint_in_json(folder, theirs):
    save_file(
        theirs | {"cls.predictions.bias": np.zeros(30, "float32")},
        folder / "model.safetensors",
    )
    description = json.loads(json.dumps(describe(folder)))
    assert description["format"] == "huggingface"
    assert description["architecture"]["hidden_size"] == 8
    # 64 rows of tables and a norm, two blocks of 600, and the pooler.
    assert description["parameters"] == 64 * 8 + 16 + 2 * 600 + 72
    assert description["heads"] == {"masked_lm": {"bias": [30]}}
    assert description["tokenizer"]["max_word_length"] == 100
    assert description["sentence"] is None
    assert (
        description["weights_sha256"]
        == hashlib.sha256(
            (folder / "model.safetensors").read_bytes()
        ).hexdigest()
    )
    assert list(description["files"]) == [
        "config.json",
        "model.safetensors",
        "tokenizer_config.json",
        "vocab.txt",
    ]


def test_a_tokenizer_that_is_not_berts_is_no_obstacle(folder, write_json):
    write_json(
        folder / "tokenizer_config.json",
        {"tokenizer_class": "BertJapaneseTokenizer"},
    )
    description = describe(folder)
    assert description["tokenizer"] is None
    assert "'BertJapaneseTokenizer'" in description["tokenizer_problem"]


def test_tensorflow_is_not_needed(folder):
    code = (
        "import sys; from bert_keras.checkpoints import describe; "
        f"describe({str(folder)!r}); "
        "sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
