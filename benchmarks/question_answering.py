"""Compares question answering by bert_keras and by transformers.

    BERT_KERAS_DATA=/data python benchmarks/question_answering.py \
        --seeds 3 --reference-python /hf/bin/python

Learns `squad/split-train.json` and answers `squad/split-dev.json`: the same
weights, windows of 384 pieces, stride, batches, learning rate, warm-up and
decay on both sides, which take turns, a process at a time. The reference is
`question_answering_transformers.py`. Answers of both are scored by one
function. `--questions 500` tries it on a part. Prints a line of JSON a run,
then a table.
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

import shared

HERE = Path(__file__).resolve().parent
ENGINES = ("bert_keras", "transformers")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--questions", type=int, help="learned; all")
    parser.add_argument("--dev-questions", type=int, help="answered; all")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--learning-rate", type=float, default=1e-4)
    parser.add_argument("--seeds", type=int, default=3, help="how many")
    parser.add_argument("--reference-python")
    parser.add_argument("--handle", default=shared.HANDLE)
    parser.add_argument("--out", type=Path, default=Path("qa_results.jsonl"))
    # One run of one side, as this program asks for it.
    parser.add_argument("--engine", choices=ENGINES)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def read(name: str, count: int | None):
    """Returns the questions of a file, or the same few of them each time."""
    from bert_keras.data import QuestionExamples, read_questions

    path = Path(os.environ["BERT_KERAS_DATA"]) / "squad" / name
    found = read_questions(path)
    every = max(1, len(found) // count) if count else 1
    chosen = range(0, len(found), every)[:count]
    return QuestionExamples(
        *(
            [column[i] for i in chosen]
            for column in (found.questions, found.contexts, found.answers)
        ),
        source=found.source,
    )


def train(args) -> dict:
    """Trains and answers with bert_keras."""
    import bert_keras as bk

    task = bk.QuestionAnswerer.from_handle(
        args.handle, seed=args.seed, stride=128
    )
    data = read("split-train.json", args.questions)
    dev = read("split-dev.json", args.dev_questions)
    start = time.perf_counter()
    task.fit(
        data,
        epochs=args.epochs,
        batch_size=args.batch_size,
        learning_rate=args.learning_rate,
        warmup_ratio=shared.WARMUP,
        weight_decay=shared.WEIGHT_DECAY,
        global_clipnorm=shared.CLIP_NORM,
        seed=args.seed,
        verbose=0,
    )
    train_seconds = time.perf_counter() - start
    start = time.perf_counter()
    answers = task.answers(dev)["answer"].tolist()
    return {
        "answers": [answer.decode() for answer in answers],
        "train_seconds": round(train_seconds, 1),
        "answer_seconds": round(time.perf_counter() - start, 1),
    }


def reference(args, data, dev) -> dict:
    """Trains and answers with transformers, in its own interpreter."""
    asked = {
        "handle": args.handle,
        "seed": args.seed,
        "epochs": args.epochs,
        "batch_size": args.batch_size,
        "learning_rate": args.learning_rate,
        **{
            name: {
                "questions": part.questions,
                "contexts": part.contexts,
                "answers": [list(row[0]) for row in part.answers],
            }
            for name, part in (("train", data), ("dev", dev))
        },
    }
    done = subprocess.run(
        [
            args.reference_python,
            str(HERE / "question_answering_transformers.py"),
        ],
        input=json.dumps(asked),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def ours(args) -> dict:
    command = [sys.executable, __file__, "--engine", "bert_keras"]
    for name in (
        *("questions", "dev_questions", "epochs", "batch_size"),
        *("learning_rate", "seed", "handle"),
    ):
        if (value := getattr(args, name)) is not None:
            command += ["--" + name.replace("_", "-"), str(value)]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, text=True, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def collect(args) -> list[dict]:
    from bert_keras.metrics import squad_metrics

    data = read("split-train.json", args.questions)
    dev = read("split-dev.json", args.dev_questions)
    truths = [[answer.text for answer in row] for row in dev.answers]
    results = []
    for seed in range(args.seeds):
        args.seed = seed
        order = ENGINES if seed % 2 == 0 else ENGINES[::-1]
        for engine in order:
            if engine == "transformers" and not args.reference_python:
                continue
            run = ours(args) if engine == ENGINES[0] else None
            run = run or reference(args, data, dev)
            found = squad_metrics(truths, run.pop("answers"))
            result = {
                "engine": engine,
                "seed": seed,
                "questions": len(data),
                "epochs": args.epochs,
                "learning_rate": args.learning_rate,
                **found,
                **run,
            }
            print(json.dumps(result), flush=True)
            with args.out.open("a") as file:
                file.write(json.dumps(result) + "\n")
            results.append(result)
    return results


def table(results: list[dict]) -> str:
    lines = [
        "| engine | runs | exact match | F1 | training, s | answering, s |",
        "|---|---|---|---|---|---|",
    ]
    for engine in ENGINES:
        mine = [r for r in results if r["engine"] == engine]
        if not mine:
            continue
        cells = [engine, str(len(mine))]
        for name, factor in (
            *(("exact_match", 100), ("f1", 100)),
            *(("train_seconds", 1), ("answer_seconds", 1)),
        ):
            values = [factor * r[name] for r in mine]
            text = f"{statistics.mean(values):.2f}"
            if len(values) > 1:
                text += f" ± {statistics.stdev(values):.2f}"
            cells.append(text)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    args = parse_arguments()
    if args.engine:
        print(json.dumps(train(args)), flush=True)
        return
    print(shared.machine() + "\n", flush=True)
    print("\n" + table(collect(args)))


if __name__ == "__main__":
    main()
