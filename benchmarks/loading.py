"""Seconds and memory that loading BERT-base takes.

    python benchmarks/loading.py --work runs/loading

Writes a random BERT-base into `--work` once: a Hugging Face folder of 110
million float32 weights, in the cache of the TF Hub protocol. Then each round
is a fresh process that imports TensorFlow and bert_keras, and only then starts
the clock: of finding the handle in the cache, and of `load_encoder` on its
folder. The operating system's cache holds the file. Memory is what the
process's peak adds to what it held before, pages of the file included, in
sizes of the file. Prints a Markdown table.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from safetensors.numpy import save_file

import bert_keras as bk
from bert_keras.config import BertConfig
from bert_keras.handles import resolve
from bert_keras.handles.cache import module_folder

HANDLE = "https://tfhub.dev/nobody/random_bert_base/1"
WEIGHTS = "model.safetensors"
COLUMNS = {
    "resolve": ("finding the handle, ms", 1e3),
    "load": ("load_encoder, s", 1.0),
    "memory": ("peak memory / weights", 1.0),
}


def shapes(config: BertConfig) -> dict[str, tuple[int, ...]]:
    """The weights of `BertModel` as PyTorch names and shapes them."""
    width, inner = config.hidden_size, config.intermediate_size
    found = {
        "embeddings.word_embeddings.weight": (config.vocab_size, width),
        "embeddings.position_embeddings.weight": (
            config.max_position_embeddings,
            width,
        ),
        "embeddings.token_type_embeddings.weight": (2, width),
        "embeddings.LayerNorm.weight": (width,),
        "embeddings.LayerNorm.bias": (width,),
        "pooler.dense.weight": (width, width),
        "pooler.dense.bias": (width,),
    }
    dense = {
        "attention.self.query": (width, width),
        "attention.self.key": (width, width),
        "attention.self.value": (width, width),
        "attention.output.dense": (width, width),
        "attention.output.LayerNorm": (width,),
        "intermediate.dense": (inner, width),
        "output.dense": (width, inner),
        "output.LayerNorm": (width,),
    }
    for number in range(config.num_hidden_layers):
        for name, shape in dense.items():
            layer = f"encoder.layer.{number}.{name}"
            found[f"{layer}.weight"] = shape
            found[f"{layer}.bias"] = shape[:1]
    return found


def write_model(folder: Path) -> None:
    config = BertConfig.named("base", vocab_size=30_522)
    random = np.random.default_rng(0)
    tensors = {
        name: random.standard_normal(shape, "float32") * np.float32(0.02)
        for name, shape in shapes(config).items()
    }
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"model_type": "bert", **config.to_dict()})
    (folder / "config.json").write_text(text, encoding="utf-8")
    # Last and in one step, so that a file that is there is whole.
    save_file(tensors, folder / "partial")
    (folder / "partial").rename(folder / WEIGHTS)


def held(key: str) -> int:
    """Bytes of this process, `VmRSS` now or `VmHWM` at its peak.

    `resource.getrusage` would begin with the peak of the parent.
    """
    lines = Path("/proc/self/status").read_text().splitlines()
    values = dict(line.split(":", 1) for line in lines)
    return int(values[key].split()[0]) * 1024


def measure() -> dict:
    """One round, in a process that has done nothing yet."""
    import keras  # noqa: F401
    import tensorflow as tf

    from bert_keras.encoders import BertEncoder  # noqa: F401

    tf.zeros([1])  # TensorFlow starts its devices with the first tensor.
    before = held("VmRSS")
    start = time.perf_counter()
    folder = resolve(HANDLE)
    found = time.perf_counter()
    encoder = bk.load_encoder(folder)
    loaded = time.perf_counter()
    return {
        "resolve": found - start,
        "load": loaded - found,
        "memory": (held("VmHWM") - before) / (folder / WEIGHTS).stat().st_size,
        "parameters": encoder.count_params(),
    }


def run() -> dict:
    """Measures in a fresh process."""
    line = [sys.executable, __file__, "--work", "-", "--measure"]
    done = subprocess.run(line, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def row(title: str, values: list[float]) -> str:
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"| {title} | {middle:.2f} | {low:.2f} to {high:.2f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--work", type=Path, required=True, help="a folder")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--measure", action="store_true", help=argparse.SUPPRESS
    )
    args = parser.parse_args()
    if args.measure:
        print(json.dumps(measure()))
        return
    os.environ["TFHUB_CACHE_DIR"] = str(args.work.resolve() / "cache")
    folder = module_folder(HANDLE)
    if not (folder / WEIGHTS).is_file():
        write_model(folder)
    found = [run() for _ in range(args.rounds)]
    cores = len(os.sched_getaffinity(0))
    print(
        f"{found[0]['parameters']:,} parameters, {args.rounds} fresh "
        f"processes, {cores} cores\n\n| | median | range |\n|---|---|---|"
    )
    for key, (title, scale) in COLUMNS.items():
        print(row(title, [result[key] * scale for result in found]))


if __name__ == "__main__":
    main()
