"""Compares taggers trained by bert_keras and by Hugging Face transformers.

    BERT_KERAS_DATA=/data PYTHONPATH=. python benchmarks/tagging.py \
        --dataset wnut17 --seeds 3 --reference-python /hf/bin/python

Data sets: wnut17 (3,394 sentences learned, 1,287 scored), wikiann_en (20,000
and 10,000), peopledaily (50,658 and 4,631). Both sides take the same
sentences, weights, batches of 32, 128 pieces, AdamW, warm-up, decay and
epochs, and are scored by the same function on spans of characters. They
differ as they do in use: transformers is given words and labels the first
piece of each; bert_keras is given the text, in which a word is a basic token,
and answers by the graph that it exports, where an I cannot follow an O.

Without `--reference-python` it runs our side of one seed. Prints a line of
JSON for each run, then a table.
"""

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

import shared
import tagging_data


def train(args) -> dict:
    """Trains and scores our side."""
    import bert_keras as bk

    task = bk.TokenTagger.from_handle(
        args.handle, max_length=shared.MAX_LENGTH, seed=args.seed
    )
    start = time.perf_counter()
    task.fit(
        args.train.examples,
        epochs=args.epochs,
        batch_size=shared.BATCH_SIZE,
        learning_rate=args.learning_rate,
        warmup_ratio=shared.WARMUP,
        weight_decay=shared.WEIGHT_DECAY,
        global_clipnorm=shared.CLIP_NORM,
        seed=args.seed,
        verbose=0,
    )
    seconds = time.perf_counter() - start
    numbers = task.evaluate(args.dev.examples)
    return {
        "engine": "bert_keras",
        "seed": args.seed,
        **{name: numbers[name] for name in tagging_data.SCORES},
        "train_seconds": seconds,
        "version": bk.__version__,
    }


def run(python: str, script: str, seed: int, args) -> dict:
    """Runs one side in a process of its own."""
    line = [python, Path(__file__).with_name(script), "--seed", seed]
    for name in ("dataset", "rows", "dev_rows", "epochs", "learning_rate"):
        if (value := getattr(args, name)) is not None:
            line += ["--" + name.replace("_", "-"), value]
    line = [str(part) for part in line]
    done = subprocess.run(line, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"{script}, seed {seed}: exit status {done.returncode}")
    print(done.stdout.splitlines()[-1], flush=True)
    return json.loads(done.stdout.splitlines()[-1])


def table(results: list[dict]) -> str:
    """Returns means and spreads between seeds, in percent."""
    heads = ["engine", "runs", *tagging_data.SCORES, "training, s"]
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    for engine in ("bert_keras", "transformers"):
        mine = [r for r in results if r["engine"] == engine]
        cells = [engine, str(len(mine))]
        for name in tagging_data.SCORES:
            values = [100 * r[name] for r in mine]
            text = f"{statistics.mean(values):.2f}"
            if len(values) > 1:
                text += f" ± {statistics.stdev(values):.2f}"
            cells.append(text)
        seconds = statistics.median(r["train_seconds"] for r in mine)
        lines.append("| " + " | ".join([*cells, f"{seconds:.0f}"]) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = tagging_data.parse_arguments(__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--reference-python")
    args = parser.parse_args()
    if args.reference_python is None:
        print(json.dumps(train(tagging_data.prepare(parser))))
        return
    print(shared.machine() + "\n", flush=True)
    results = []
    for seed in range(args.seeds):
        sides = [
            (sys.executable, "tagging.py"),
            (args.reference_python, "tagging_transformers.py"),
        ]
        # Whoever runs second finds a warmer machine.
        for python, script in sides if seed % 2 == 0 else sides[::-1]:
            results.append(run(python, script, seed, args))
    print("\n" + table(results))


if __name__ == "__main__":
    main()
