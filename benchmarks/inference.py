"""Speed of a classifier from strings to scores: bert_keras beside others.

    BERT_KERAS_DATA=/data python benchmarks/inference.py --work runs/models \
        --reference-python /hf/bin/python --garden-python /garden/bin/python

The 872 sentences of SST-2's development set (200 of them in batches of one)
go through one 6-layer encoder with the same weights in every engine, each in
a process of its own that is loaded once. Engines take turns, in another order
each round, so that a busy machine slows all of them. Prints Markdown.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import shared
from inference_rows import (
    AGREEMENT,
    ENGINES,
    HUB,
    ONNX,
    Engine,
    build_models,
    model_folder,
)

HERE = Path(__file__).resolve().parent
SENTENCES = {1: 200, 32: 872, 256: 872}


class Worker:
    """An engine in its own process."""

    def __init__(self, engine: Engine, args):
        environment = dict(os.environ)
        if engine.onednn:
            environment["TF_ENABLE_ONEDNN_OPTS"] = engine.onednn
        python = args.reference_python
        if engine.kind == "saved_model":
            python = args.ours_python
        script = HERE / "inference_engines.py"
        self._process = subprocess.Popen(
            [python, script, engine.kind, model_folder(engine, args.work)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        self.facts = self._read()

    def ask(self, batch: int, sentences: int, is_sorted: bool = False) -> dict:
        request = {"batch": batch, "sentences": sentences, "sorted": is_sorted}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return self._read()

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait()

    def _read(self) -> dict:
        line = self._process.stdout.readline()
        if not line:
            sys.exit(f"an engine ended early: {self._process.args}")
        return json.loads(line)


def cold_starts(names: list[str], args) -> dict[str, list[float]]:
    """Seconds from the start of a process to its first answer."""
    taken: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(args.starts + 1 if args.starts else 0):
        for name in names:
            start = time.perf_counter()
            worker = Worker(ENGINES[name], args)
            worker.ask(1, 1)
            if turn:  # the first turn brings the files into memory
                taken[name].append(time.perf_counter() - start)
            worker.close()
    return taken


class Measured(NamedTuple):
    """Sentences a second by round, and what else the workers said."""

    speeds: dict[tuple[str, int, bool], list[float]]
    facts: dict[str, dict]
    differences: dict[str, tuple[float, float]]


def measure(names: list[str], args) -> Measured:
    workers = {name: Worker(ENGINES[name], args) for name in names}
    asked = [
        (name, batch, is_sorted)
        for batch in args.batches
        for name in names
        for is_sorted in (False, True)
        if not is_sorted or (ENGINES[name].sorts and batch > 1)
    ]
    differences = compare_scores(workers, args.sentences)
    for name, batch, is_sorted in asked:  # warm-up
        workers[name].ask(batch, min(2 * batch, args.sentences), is_sorted)
    speeds: dict[tuple[str, int, bool], list[float]] = {
        key: [] for key in asked
    }
    order = random.Random(0)
    for turn in range(args.rounds):
        order.shuffle(asked)
        for name, batch, is_sorted in asked:
            sentences = min(SENTENCES.get(batch, 872), args.sentences)
            result = workers[name].ask(batch, sentences, is_sorted)
            speeds[name, batch, is_sorted].append(sentences / result["seconds"])
        print(f"round {turn + 1} of {args.rounds}", file=sys.stderr)
    for worker in workers.values():
        worker.close()
    facts = {name: worker.facts for name, worker in workers.items()}
    return Measured(speeds, facts, differences)


def compare_scores(workers: dict[str, Worker], sentences: int) -> dict:
    """Largest difference of a score, and share of equal labels, to one engine.

    Exits if float32 engines differ: then they do not compute the same thing.
    """
    scores = {
        name: worker.ask(32, sentences)["scores"]
        for name, worker in workers.items()
    }
    right = scores[HUB if HUB in scores else next(iter(scores))]
    differences = {}
    for name, mine in scores.items():
        pairs = list(zip(mine, right, strict=True))
        largest = max(abs(a - b) for a, b in pairs)
        same = sum((a > 0.5) == (b > 0.5) for a, b in pairs) / len(pairs)
        differences[name] = (largest, same)
        if largest > AGREEMENT.get(name, 1.0):
            sys.exit(f"scores of {name} differ by {largest}")
    return differences


def middle(values: list[float], digits: int = 0) -> str:
    low, high = min(values), max(values)
    return (
        f"{statistics.median(values):.{digits}f} "
        f"({low:.{digits}f}-{high:.{digits}f})"
    )


def ratio(ours: list[float], theirs: list[float] | None) -> str:
    """Median of the ratios of each round."""
    if not theirs:
        return "-"
    pairs = zip(ours, theirs, strict=True)
    return f"{statistics.median(a / b for a, b in pairs):.2f}"


def speed_table(measured: Measured, batch: int) -> str:
    speeds = measured.speeds
    hub = speeds.get((HUB, batch, False))
    onnx = speeds.get((ONNX, batch, False))
    lines = [
        "| engine | sentences/s | times TF Hub habit | times ONNX Runtime |",
        "|---|---|---|---|",
    ]
    for (name, its_batch, is_sorted), values in sorted(
        speeds.items(), key=lambda item: list(ENGINES).index(item[0][0])
    ):
        if its_batch == batch:
            title = ENGINES[name].title
            title += ", caller sorts by length" if is_sorted else ""
            lines.append(
                f"| {title} | {middle(values)} | {ratio(values, hub)} | "
                f"{ratio(values, onnx)} |"
            )
    return "\n".join(lines)


def other_table(names, starts, measured: Measured, work: Path) -> str:
    lines = [
        "| engine | start to first answer, s | on disk, MB | largest "
        "difference of a score | same label |",
        "|---|---|---|---|---|",
    ]
    for name in names:
        size = sum(
            path.stat().st_size
            for path in model_folder(ENGINES[name], work).rglob("*")
            if path.is_file()
        )
        largest, same = measured.differences[name]
        start = middle(starts[name], 2) if starts[name] else "-"
        lines.append(
            f"| {ENGINES[name].title} | {start} | {size / 1e6:.1f} | "
            f"{largest:.1g} | {same:.1%} |"
        )
    return "\n".join(lines)


def versions(measured: Measured) -> str:
    found = {
        (name, str(value))
        for facts in measured.facts.values()
        for name, value in facts.items()
        if name != "onednn"
    }
    return ", ".join(" ".join(pair) for pair in sorted(found))


def report(names, starts, measured: Measured, args) -> None:
    print(
        f"Median (lowest-highest) of {args.rounds} rounds; ratios are medians "
        "over rounds, to float32 with oneDNN and to unsorted ONNX Runtime "
        f"float32. {args.machine}. {versions(measured)}.\n"
    )
    for batch in args.batches:
        sentences = min(SENTENCES.get(batch, 872), args.sentences)
        print(f"Batches of {batch}, {sentences} sentences:\n")
        print(speed_table(measured, batch) + "\n")
    print(other_table(names, starts, measured, args.work))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--ours-python", default=sys.executable)
    parser.add_argument("--reference-python", required=True)
    parser.add_argument("--garden-python", help="builds hub, where it is not")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--sentences", type=int, default=872, help="at most")
    parser.add_argument("--training-rows", type=int, default=6_400)
    parser.add_argument(
        "--batches", type=int, nargs="+", default=list(SENTENCES)
    )
    parser.add_argument(
        "--engines", nargs="+", choices=ENGINES, default=list(ENGINES)
    )
    parser.add_argument("--cores", type=int, default=2)
    args = parser.parse_args()
    # Inherited by the engines, all of which take a thread for each core.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: args.cores])
    build_models(args)
    args.machine = shared.machine()
    starts = cold_starts(args.engines, args)
    measured = measure(args.engines, args)
    report(args.engines, starts, measured, args)


if __name__ == "__main__":
    main()
