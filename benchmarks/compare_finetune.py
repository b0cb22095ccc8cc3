"""Compares fine-tuning by bert_keras and by Hugging Face transformers.

    BERT_KERAS_DATA=/data python benchmarks/compare_finetune.py \
        --dataset sst2 --rows 8000 --seeds 5 --reference-python /hf/bin/python

Runs `finetune.py` and `finetune_transformers.py` in turns, seed by seed, one
process at a time on the same cores; every other seed the reference goes
first, so that a machine that slows down slows both. Keeps every run's JSON
line in `--out` and skips what is there, so that a run can be cut off. Prints
a Markdown table.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

import shared

HERE = Path(__file__).resolve().parent
ENGINES = ("bert_keras", "transformers")
METRICS = ("accuracy", "f1", "pearson", "spearman")


def command(engine: str, seed: int, args) -> list[str]:
    scripts = {
        "bert_keras": [args.ours_python, HERE / "finetune.py"],
        "transformers": [
            args.reference_python,
            HERE / "finetune_transformers.py",
        ],
    }
    line = [*scripts[engine], "--dataset", args.dataset, "--seed", seed]
    for name in ("rows", "dev_rows", "epochs", "learning_rate"):
        if (value := getattr(args, name)) is not None:
            line += ["--" + name.replace("_", "-"), value]
    return [str(part) for part in line]


def run(engine: str, seed: int, args) -> dict:
    """Runs one training; its progress goes to stderr as it comes."""
    done = subprocess.run(
        command(engine, seed, args), stdout=subprocess.PIPE, text=True
    )
    if done.returncode:
        sys.exit(f"{engine}, seed {seed}: exit status {done.returncode}")
    return json.loads(done.stdout.splitlines()[-1])


def collect(args) -> list[dict]:
    asked = {
        name: getattr(args, name)
        for name in ("dataset", "rows", "dev_rows", "epochs", "learning_rate")
    }
    entries = []
    if args.out.exists():
        entries = [json.loads(line) for line in args.out.open()]
    results = [e["result"] for e in entries if e["asked"] == asked]
    done = {(result["engine"], result["seed"]) for result in results}
    for seed in range(args.first_seed, args.first_seed + args.seeds):
        order = ENGINES if seed % 2 == 0 else ENGINES[::-1]
        for engine in order:
            if (engine, seed) in done:
                continue
            result = run(engine, seed, args)
            print(json.dumps(result), file=sys.stderr, flush=True)
            with args.out.open("a") as file:
                file.write(json.dumps({"asked": asked, "result": result}))
                file.write("\n")
            results.append(result)
    return results


def spread(values: list[float], digits: int) -> str:
    """Mean, and the standard deviation between seeds."""
    text = f"{statistics.mean(values):.{digits}f}"
    if len(values) > 1:
        text += f" ± {statistics.stdev(values):.{digits}f}"
    return text


def middle(values: list[float], digits: int = 1) -> str:
    """Median, and the lowest and highest."""
    low, high = min(values), max(values)
    return (
        f"{statistics.median(values):.{digits}f} "
        f"({low:.{digits}f} to {high:.{digits}f})"
    )


def table(results: list[dict]) -> str:
    metrics = [name for name in METRICS if name in results[0]]
    heads = [
        "engine",
        "runs",
        *metrics,
        "examples/s",
        "with tokenization",
        "after the first step",
        "first step, s",
        "peak memory, MB",
    ]
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    for engine in ENGINES:
        mine = [r for r in results if r["engine"] == engine]
        if not mine:
            continue
        cells = [engine, str(len(mine))]
        cells += [spread([100 * r[name] for r in mine], 2) for name in metrics]
        for name in (
            "examples_per_second",
            "examples_per_second_with_tokenization",
            "examples_per_second_after_first_step",
            "first_step_seconds",
        ):
            cells.append(middle([r[name] for r in mine]))
        cells.append(middle([r["peak_rss_mb"] for r in mine], 0))
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def ratio(results: list[dict], name: str) -> str:
    """Ours over theirs, seed by seed: both ran one after the other."""
    speeds = {(r["engine"], r["seed"]): r[name] for r in results}
    ratios = [
        speeds["bert_keras", seed] / speeds["transformers", seed]
        for seed in sorted({r["seed"] for r in results})
        if all((engine, seed) in speeds for engine in ENGINES)
    ]
    return middle(ratios, 2)


def headline(results: list[dict]) -> str:
    first = results[0]
    versions: dict[str, str] = {}
    for result in results:
        versions |= result["versions"]
    return (
        f"{first['dataset']}: {first['rows']} rows, {first['epochs']} epochs, "
        f"learning rate {first['learning_rate']:g}, scored on "
        f"{first['dev_rows']} rows; {first['threads']} threads; "
        + ", ".join(f"{name} {version}" for name, version in versions.items())
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--dataset", default="sst2")
    parser.add_argument("--rows", type=int, help="of the training file")
    parser.add_argument("--dev-rows", type=int, help="of the scored file")
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--learning-rate", type=float)
    parser.add_argument("--seeds", type=int, default=5, help="how many")
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--ours-python", default=sys.executable)
    parser.add_argument("--reference-python", required=True)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument(
        "--out", type=Path, default=Path("finetune_results.jsonl")
    )
    args = parser.parse_args()
    # Inherited by the trainings, both of which take a thread for each core.
    cores = sorted(os.sched_getaffinity(0))[: args.cores]
    os.sched_setaffinity(0, cores)
    print(shared.machine() + "\n", flush=True)
    results = collect(args)
    print(headline(results) + "\n")
    print(table(results) + "\n")
    print(
        "Speed of training, bert_keras over transformers: "
        f"{ratio(results, 'examples_per_second')}; after the first step: "
        f"{ratio(results, 'examples_per_second_after_first_step')}"
    )


if __name__ == "__main__":
    main()
