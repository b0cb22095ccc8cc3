"""Compares ways to read texts that are longer than a row, on novels.

    BERT_KERAS_DATA=/data PYTHONPATH=. python benchmarks/long_text.py

Which of 12 novels is a passage from? Passages of `--words` words are learned
from the first half of each novel and scored on the second, so that they share
an author, a style and names, but no scene. One encoder, one seed of passages,
rows of 128 pieces; only `windows` differs. Prints a line of JSON for each.
"""

import argparse
import json
import os
import random
import time
from pathlib import Path

import shared

WAYS = ("first", "mean", "max", "attention")


def passages(words: list[str], count: int, length: int) -> list[str]:
    """Returns passages, evenly spread over some words."""
    starts = [
        place * (len(words) - length) // max(1, count - 1)
        for place in range(count)
    ]
    return [" ".join(words[start : start + length]) for start in starts]


def read(args) -> tuple[list, list]:
    """Returns (text, novel) to learn from and to score."""
    folder = Path(os.environ["BERT_KERAS_DATA"]) / "novels"
    authors = {path.stem.split("_")[1]: path for path in folder.glob("*.txt")}
    train, test = [], []
    for author, path in sorted(authors.items())[: args.novels]:
        words = path.read_text(encoding="utf-8").split()
        halves = words[: len(words) // 2], words[len(words) // 2 :]
        for rows, half in zip((train, test), halves, strict=True):
            found = passages(half, args.passages, args.words)
            rows.extend((text, author) for text in found)
    random.Random(0).shuffle(train)
    return train, test


def measure(windows: str, train: list, test: list, args) -> dict:
    """Trains and scores one way."""
    import bert_keras as bk

    task = bk.TextClassifier.from_handle(
        args.handle,
        max_length=shared.MAX_LENGTH,
        pooling="mean",
        windows=windows,
        seed=args.seed,
    )
    start = time.perf_counter()
    task.fit(
        train,
        epochs=args.epochs,
        batch_size=8,
        gradient_accumulation_steps=4,
        learning_rate=args.learning_rate,
        seed=args.seed,
        verbose=0,
    )
    trained = time.perf_counter()
    numbers = task.evaluate(test)
    return {
        "windows": windows,
        "seed": args.seed,
        "accuracy": numbers["accuracy"],
        "macro_f1": numbers["macro_f1"],
        "train_seconds": round(trained - start, 1),
        "evaluate_seconds": round(time.perf_counter() - trained, 1),
        **numbers["long_texts"],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--novels", type=int, default=12)
    parser.add_argument("--passages", type=int, default=12, help="of a half")
    parser.add_argument("--words", type=int, default=400, help="of a passage")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--learning-rate", type=float, default=2e-4)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS)
    parser.add_argument("--handle", default=shared.HANDLE)
    args = parser.parse_args()
    train, test = read(args)
    print(json.dumps({"machine": shared.machine(), **vars(args)}), flush=True)
    for windows in args.ways:
        print(json.dumps(measure(windows, train, test, args)), flush=True)


if __name__ == "__main__":
    main()
