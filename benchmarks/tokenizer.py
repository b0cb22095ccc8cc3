"""Speed of the tokenizer beside Hugging Face tokenizers, on real text.

    export BERT_KERAS_DATA=/data
    python benchmarks/tokenizer.py --hf-python /other/bin/python

Hugging Face tokenizers is not a dependency, so it runs in another interpreter.
The two take turns on the same batches, so that a busy machine slows both.
Times are of whole corpora in batches; ours start at string tensors, as in
`tf.data` and in a served model, theirs at lists of `str`. Both may use all
cores. Prints a Markdown table.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

# Corpus -> vocabulary and whether text is lowered.
CORPORA = {
    "SST-2 sentences": ("bert-base-uncased", True),
    "an English novel": ("bert-base-uncased", True),
    "49 languages": ("bert-base-multilingual-cased", False),
    "49 languages, uncased": ("bert-base-uncased", True),
    "Chinese reviews": ("bert-base-chinese", True),
    "English with one emoji a batch": ("bert-base-uncased", True),
}


def read_corpora(data: Path) -> dict[str, list[str]]:
    sst2 = _lines(data / "sst2" / "train.tsv")[1:]
    sst2 = [line.split("\t")[0] for line in sst2][:32_768]
    novel = _lines(data / "novels" / "ENG18481_Dickens.txt")
    languages = [
        line
        for path in sorted((data / "unicode" / "udhr").glob("*.txt"))
        for line in _lines(path)
    ]
    reviews = _lines(data / "chnsenticorp" / "train.tsv")[1:]
    return {
        "SST-2 sentences": sst2,
        "an English novel": novel,
        "49 languages": languages,
        "49 languages, uncased": languages,
        "Chinese reviews": [line.split("\t")[1] for line in reviews],
        "English with one emoji a batch": [
            text + " 😀" if i % 1024 == 0 else text
            for i, text in enumerate(sst2)
        ],
    }


def _lines(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").split("\n")
    return [line for line in lines if line.strip()]


def batches(texts: list[str], size: int) -> list[list[str]]:
    return [texts[i : i + size] for i in range(0, len(texts), size)]


def our_modes(vocabulary: Path, lower: bool, parts: list[list[str]]) -> dict:
    import tensorflow as tf

    from bert_keras.config import TokenizerConfig
    from bert_keras.preprocessing import Tokenizer, Vocabulary

    config = TokenizerConfig(do_lower_case=lower)
    tokenizer = Tokenizer(Vocabulary.from_file(vocabulary, config), config)
    tensors = [tf.constant(part) for part in parts]
    return {
        "ids": lambda: [tokenizer.tokenize(part) for part in tensors],
        "offsets": lambda: [
            tokenizer.tokenize_with_offsets(part) for part in tensors
        ],
    }


def their_modes(vocabulary: Path, lower: bool, parts: list[list[str]]) -> dict:
    import tokenizers

    tokenizer = tokenizers.BertWordPieceTokenizer(
        str(vocabulary), lowercase=lower
    )
    tokenizer = tokenizer._tokenizer  # The Rust object, without a wrapper.

    def run(encode):
        return lambda: [
            encode(part, add_special_tokens=False) for part in parts
        ]

    modes = {"encode_batch": run(tokenizer.encode_batch)}
    if hasattr(tokenizer, "encode_batch_fast"):
        modes["encode_batch_fast"] = run(tokenizer.encode_batch_fast)
    return modes


def seconds(function) -> float:
    start = time.perf_counter()
    result = function()
    taken = time.perf_counter() - start
    del result  # Freed outside of the clock, for both sides.
    return taken


def serve(data: Path, batch_size: int) -> None:
    """The other interpreter's side: a line in, a line of seconds out."""
    corpora = read_corpora(data)
    modes, current = {}, None
    for line in sys.stdin:
        corpus, mode = json.loads(line)
        if corpus != current:
            name, lower = CORPORA[corpus]
            modes = their_modes(
                data / "vocab" / name / "vocab.txt",
                lower,
                batches(corpora[corpus], batch_size),
            )
            current = corpus
        answer = seconds(modes[mode]) if mode in modes else None
        print(json.dumps(answer), flush=True)


class TheirSide:
    """The other interpreter, asked one run at a time."""

    def __init__(self, python: str, batch_size: int):
        self._process = subprocess.Popen(
            [python, __file__, "--serve", "--batch-size", str(batch_size)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"TOKENIZERS_PARALLELISM": "true"},
        )

    def seconds(self, corpus: str, mode: str) -> float | None:
        self._process.stdin.write(json.dumps([corpus, mode]) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait()


def measure(corpus: str, texts: list[str], theirs: TheirSide, args) -> dict:
    """Returns MB a second of every mode in every round."""
    name, lower = CORPORA[corpus]
    ours = our_modes(
        args.data / "vocab" / name / "vocab.txt",
        lower,
        batches(texts, args.batch_size),
    )
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    speeds: dict[str, list[float]] = {}
    for turn in range(args.rounds + 1):
        taken = {mode: seconds(function) for mode, function in ours.items()}
        for mode in ("encode_batch", "encode_batch_fast"):
            taken[mode] = theirs.seconds(corpus, mode)
        for mode, value in taken.items():
            if turn and value is not None:  # The first turn warms up.
                speeds.setdefault(mode, []).append(megabytes / value)
    return speeds


def row(corpus: str, speeds: dict[str, list[float]]) -> str:
    def cell(mode: str) -> str:
        if mode not in speeds:
            return "-"
        low, high = min(speeds[mode]), max(speeds[mode])
        middle = statistics.median(speeds[mode])
        return f"{middle:.1f} ({low:.1f}-{high:.1f})"

    def ratio(ours: str, theirs: str) -> str:
        if theirs not in speeds:
            return "-"
        pairs = zip(speeds[ours], speeds[theirs], strict=True)
        return f"{statistics.median(a / b for a, b in pairs):.1f}x"

    modes = ("ids", "offsets", "encode_batch", "encode_batch_fast")
    cells = [corpus, *map(cell, modes)]
    cells += [
        ratio("ids", "encode_batch"),
        ratio("ids", "encode_batch_fast"),
        ratio("offsets", "encode_batch"),
    ]
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--hf-python", help="interpreter with tokenizers")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--batch-size", type=int, default=1024)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if "BERT_KERAS_DATA" not in os.environ:
        parser.error("set BERT_KERAS_DATA to the folder of real data")
    args.data = Path(os.environ["BERT_KERAS_DATA"])
    if args.serve:
        return serve(args.data, args.batch_size)
    if not args.hf_python:
        parser.error("--hf-python is needed")
    theirs = TheirSide(args.hf_python, args.batch_size)
    print(
        "MB of text a second: median (lowest-highest) of "
        f"{args.rounds} alternating rounds, batches of {args.batch_size}, "
        f"{os.cpu_count()} cores. Ratios are medians over rounds.\n"
    )
    print(
        "| corpus | ids | with offsets | HF encode_batch | HF "
        "encode_batch_fast | ids / HF | ids / HF fast | offsets / HF |"
    )
    print("|---" * 8 + "|")
    for corpus, texts in read_corpora(args.data).items():
        print(row(corpus, measure(corpus, texts, theirs, args)), flush=True)
    theirs.close()


if __name__ == "__main__":
    main()
