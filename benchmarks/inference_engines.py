"""The engines that `inference.py` compares, one to a process.

    python benchmarks/inference_engines.py saved_model FOLDER

Loads once, then answers requests: a line of JSON in, a line of JSON out. An
engine takes strings and gives the probability of a positive sentence.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")

import shared


class SavedModel:
    """Any SavedModel of strings, ours or another; bert_keras is not needed."""

    def __init__(self, folder: Path):
        import tensorflow as tf
        import tensorflow_text  # noqa: F401  (registers the tokenizer's ops)

        self._constant = tf.constant
        self._model = tf.saved_model.load(str(folder))
        self._run = self._model.signatures["serving_default"]
        self.facts = {
            "tensorflow": tf.__version__,
            "onednn": os.environ.get("TF_ENABLE_ONEDNN_OPTS", "default"),
            "threads": len(os.sched_getaffinity(0)),
        }

    def __call__(self, texts: list[str]):
        return self._run(text=self._constant(texts))["scores"].numpy()[:, 1]


class OnnxRuntime:
    """ONNX Runtime behind Hugging Face tokenizers, padded to the batch."""

    def __init__(self, folder: Path):
        import numpy as np
        import onnxruntime
        import tokenizers

        self._np = np
        self._tokenizer = tokenizers.Tokenizer.from_file(
            str(folder / "tokenizer.json")
        )
        self._tokenizer.enable_truncation(shared.MAX_LENGTH)
        self._tokenizer.enable_padding()
        self._session = onnxruntime.InferenceSession(
            folder / "model.onnx", providers=["CPUExecutionProvider"]
        )
        self.facts = {
            "onnxruntime": onnxruntime.__version__,
            "tokenizers": tokenizers.__version__,
            "threads": len(os.sched_getaffinity(0)),
        }

    def __call__(self, texts: list[str]):
        np = self._np
        rows = self._tokenizer.encode_batch(texts)
        inputs = {
            "input_ids": np.array([row.ids for row in rows]),
            "attention_mask": np.array([row.attention_mask for row in rows]),
            "token_type_ids": np.array([row.type_ids for row in rows]),
        }
        (logits,) = self._session.run(None, inputs)
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        return odds[:, 1] / odds.sum(axis=1)


class PyTorch:
    """transformers' own model, eager, padded to the batch."""

    def __init__(self, folder: Path, dtype: str = "float32"):
        import torch
        import transformers

        self._torch = torch
        self._tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        model = transformers.AutoModelForSequenceClassification
        self._model = model.from_pretrained(
            folder, dtype=getattr(torch, dtype)
        ).eval()
        self.facts = {
            "torch": torch.__version__,
            "transformers": transformers.__version__,
            "threads": torch.get_num_threads(),
        }

    def __call__(self, texts: list[str]):
        inputs = self._tokenizer(
            texts,
            padding=True,
            truncation=True,
            max_length=shared.MAX_LENGTH,
            return_tensors="pt",
        )
        with self._torch.inference_mode():
            logits = self._model(**inputs).logits.float()
        return logits.softmax(dim=1)[:, 1].numpy()


ENGINES = {
    "saved_model": SavedModel,
    "onnx": OnnxRuntime,
    "torch": PyTorch,
    "torch_bfloat16": lambda folder: PyTorch(folder, "bfloat16"),
}


def answer(engine, texts: list[str], request: dict) -> dict:
    """Runs one round; what the clock sees begins and ends with Python lists."""
    texts = texts[: request["sentences"]]
    size = request["batch"]
    start = time.perf_counter()
    if request["sorted"]:  # by characters: a caller has no pieces to count
        texts = sorted(texts, key=len)
    scores = []
    for first in range(0, len(texts), size):
        scores += engine(texts[first : first + size]).tolist()
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "scores": scores}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("engine", choices=ENGINES)
    parser.add_argument("folder", type=Path)
    args = parser.parse_args()
    dataset = shared.DATASETS["sst2"]
    texts = shared.read(dataset, dataset.dev).texts[0]
    engine = ENGINES[args.engine](args.folder)
    print(json.dumps(engine.facts), flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(engine, texts, json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
