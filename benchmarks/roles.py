"""Learns semantic roles of English web text, and scores them officially.

    BERT_KERAS_DATA=/data PYTHONPATH=. python benchmarks/roles.py \
        --out runs/roles

PropBank's frames of the English Web Treebank (`srl_ewt`): 40,430 predicates
learned, 4,961 measured after each epoch, 4,795 of the test set scored. The
predicate is given, as a type id of its pieces (Shi and Lin 2019,
https://arxiv.org/abs/1904.05255).

An argument counts as in CoNLL-2005's `srl-eval.pl`: label and both ends must
be right, parts that `C-` continues make one argument, `R-` is a label of its
own, the predicate itself does not count.

The same command again resumes a training that was cut off. Prints a line of
JSON, then a table of the labels.
"""

import argparse
import json
import os
import random
import time
from pathlib import Path

import shared

from bert_keras.data import TaggedExamples, read_tagged, select


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", required=True, help="folder of the run")
    parser.add_argument("--rows", type=int, help="predicates learned, else all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--learning-rate", type=float, default=2e-4)
    parser.add_argument("--handle", default=shared.HANDLE)
    args = parser.parse_args()
    if "BERT_KERAS_DATA" not in os.environ:
        parser.error("set BERT_KERAS_DATA to the folder of real data")
    return args


def read(name: str) -> TaggedExamples:
    """Reads a split, an example for each predicate."""
    folder = Path(os.environ["BERT_KERAS_DATA"]) / "srl_ewt"
    return read_tagged(folder / f"{name}.jsonl")


def take(examples: TaggedExamples, count: int | None) -> TaggedExamples:
    """Returns `count` examples, the same whatever the seed."""
    if count is None or count >= len(examples):
        return examples
    chosen = random.Random(0).sample(range(len(examples)), count)
    return select(examples, chosen)


def run(args: argparse.Namespace) -> dict:
    """Trains, and returns what the test set says."""
    import bert_keras as bk

    everything = read("train")
    labels = {entity.label for row in everything.entities for entity in row}
    train = take(everything, args.rows)
    dev, test = read("dev"), read("test")
    task = bk.TokenTagger.from_handle(
        args.handle,
        sorted(labels),
        max_length=shared.MAX_LENGTH,
        seed=args.seed,
    )
    start = time.perf_counter()
    history = task.fit(
        train,
        validation_data=dev,
        run_dir=args.out,
        epochs=args.epochs,
        batch_size=shared.BATCH_SIZE,
        learning_rate=args.learning_rate,
        warmup_ratio=shared.WARMUP,
        weight_decay=shared.WEIGHT_DECAY,
        global_clipnorm=shared.CLIP_NORM,
        seed=args.seed,
    )
    seconds = time.perf_counter() - start
    return {
        "learned": len(train),
        "dev": len(dev),
        "dev_f1": [epoch["val_f1"] for epoch in history],
        "train_seconds": round(seconds),
        **task.evaluate(test),
    }


def table(per_class: dict) -> str:
    """Returns precision, recall and F1 by label, in percent."""
    names = ("precision", "recall", "f1")
    lines = ["| label | " + " | ".join(names) + " | arguments |", "|---" * 5]
    lines[-1] += "|"
    for label, row in sorted(
        per_class.items(), key=lambda item: -item[1]["support"]
    ):
        cells = [f"{100 * row[name]:.2f}" for name in names]
        lines.append(f"| {label} | {' | '.join(cells)} | {row['support']} |")
    return "\n".join(lines)


def main() -> None:
    args = parse_arguments()
    print(shared.machine() + "\n", flush=True)
    found = run(args)
    per_class = found.pop("per_class")
    del found["confusion_matrix"]
    print(json.dumps(found) + "\n")
    print(table(per_class))


if __name__ == "__main__":
    main()
