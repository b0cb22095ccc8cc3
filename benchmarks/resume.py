"""Kills a training three times and compares what it ends with.

    BERT_KERAS_DATA=/data python benchmarks/resume.py --work runs/resume

Trains a classifier on SST-2 by the command line, once undisturbed and once
with SIGKILL at three random moments, each followed by the same command again.
The weights of both must be the same, bit for bit. Prints a Markdown table and
exits with status 1 if they differ.

State is written every `save_seconds` (60 by default) and after each epoch, so
a training should last five minutes for a kill to find something to go on from.
"""

import argparse
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import shared
from safetensors import safe_open

REPOSITORY = Path(__file__).resolve().parents[1]


class Part(NamedTuple):
    """One process of a training.

    Attributes:
        begins: Update at which it began.
        seconds: It lived.
        ended: `"killed"` or `"finished"`.
        saved: Updates in the state that it left; `None` if it is finished.
    """

    begins: int
    seconds: float
    ended: str
    saved: int | None


def write_rows(path: Path, count: int) -> None:
    dataset = shared.DATASETS["sst2"]
    rows = shared.take(shared.read(dataset, dataset.train), count)
    lines = [
        f"{text}\t{label}"
        for text, label in zip(rows.texts[0], rows.labels, strict=True)
    ]
    text = "\n".join(["sentence\tlabel", *lines]) + "\n"
    path.write_text(text, encoding="utf-8")


def command(out: Path, args) -> list[str]:
    line = [sys.executable, "-m", "bert_keras.cli.main", "train", "classifier"]
    options = {
        "--encoder": shared.HANDLE,
        "--train": args.work / "train.tsv",
        "--dev": Path(os.environ["BERT_KERAS_DATA"]) / "sst2" / "dev.tsv",
        "--out": out,
        "--epochs": args.epochs,
        "--seed": args.seed,
    }
    for name, value in options.items():
        line += [name, str(value)]
    return line


def saved_updates(out: Path) -> int:
    """Returns how many updates the state in a run's folder has."""
    state = out / "state.safetensors"
    if not state.exists():
        return 0
    with safe_open(state, framework="numpy") as file:
        return json.loads(file.metadata()["progress"])["step"]


def train(out: Path, args, kill_after: float | None = None) -> Part:
    """Runs the command to its end, or kills it."""
    begins = saved_updates(out)
    start = time.monotonic()
    process = subprocess.Popen(
        command(out, args),
        cwd=REPOSITORY,
        stdout=subprocess.DEVNULL,
        stderr=(args.work / "stderr.txt").open("a"),
    )
    try:
        status = process.wait(timeout=kill_after)
    except subprocess.TimeoutExpired:
        process.kill()  # SIGKILL: nothing of the program's own runs after it
        process.wait()
        seconds = time.monotonic() - start
        return Part(begins, seconds, "killed", saved_updates(out))
    if status:
        sys.exit(f"exit status {status}, see {args.work / 'stderr.txt'}")
    return Part(begins, time.monotonic() - start, "finished", None)


def digest(path: Path) -> str:
    """Returns the SHA-256 of all tensors, names and bytes, in name order."""
    sha256 = hashlib.sha256()
    with safe_open(path, framework="numpy") as file:
        for name in sorted(file.keys()):
            sha256.update(name.encode())
            sha256.update(file.get_tensor(name).tobytes())
    return sha256.hexdigest()


def kill_times(whole: float, args) -> list[float]:
    """Chooses when to kill: a while after the start-up, in each third.

    What was not saved is done again, so that all kills come before the end.
    """
    chance = random.Random(args.kill_seed)
    third = (whole - args.start_up) / args.kills
    return [args.start_up + chance.random() * third for _ in range(args.kills)]


def row(run: str, part: Part, sha256: str = "") -> str:
    saved = "-" if part.saved is None else part.saved
    return (
        f"| {run} | {part.begins} | {part.seconds:.0f} | {part.ended} | "
        f"{saved} | {sha256[:16]} |"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--work", type=Path, required=True, help="a folder")
    parser.add_argument("--rows", type=int, default=8_000)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--kill-seed", type=int, default=0)
    parser.add_argument(
        "--start-up", type=float, default=20.0, help="seconds never killed in"
    )
    args = parser.parse_args()
    if "BERT_KERAS_DATA" not in os.environ:
        parser.error("set BERT_KERAS_DATA to the folder of real data")
    args.work.mkdir(parents=True, exist_ok=True)
    folders = {name: args.work / name for name in ("undisturbed", "killed")}
    for folder in folders.values():
        shutil.rmtree(folder, ignore_errors=True)
    write_rows(args.work / "train.tsv", args.rows)

    print("| run | from update | seconds | ended | state has | weights |")
    print("|---|---|---|---|---|---|", flush=True)
    whole = train(folders["undisturbed"], args)
    right = digest(folders["undisturbed"] / "model.safetensors")
    print(row("undisturbed", whole, right), flush=True)
    kills = 0
    for kill_after in [*kill_times(whole.seconds, args), None]:
        part = train(folders["killed"], args, kill_after)
        found = ""
        if part.ended == "finished":
            found = digest(folders["killed"] / "model.safetensors")
        print(row("killed", part, found), flush=True)
        if found:
            break
        kills += 1
    same = "yes" if found == right else "NO"
    print(f"\nKilled {kills} times. Bit for bit the same: {same}")
    return 0 if found == right else 1


if __name__ == "__main__":
    sys.exit(main())
