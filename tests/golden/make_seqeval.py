"""Writes seqeval.json: what seqeval says of tags drawn at random.

    pip install seqeval==1.2.2
    python tests/golden/make_seqeval.py

seqeval's last release is of 2020 and comes as source only, so it is no
dependency of the tests.
"""

import json
import random
from pathlib import Path

import seqeval.metrics
from seqeval.scheme import IOB2

LABELS = ["LOC", "ORG", "PER"]


def draw(random: random.Random, words: int) -> list[str]:
    tags = []
    while len(tags) < words:
        label = random.choice(LABELS)
        if random.random() < 0.5:
            tags.append("O")
        else:
            tags += [f"B-{label}"] + [f"I-{label}"] * random.randrange(3)
    return tags[:words]


def change(random: random.Random, tags: list[str]) -> list[str]:
    start = random.randrange(len(tags))
    fresh = draw(random, len(tags) - start)
    kept = start if random.random() < 0.7 else len(tags)
    joined = tags[:kept] + fresh[: len(tags) - kept]
    return [
        tag if i or not tag.startswith("I-") else "B-" + tag[2:]
        for i, tag in enumerate(joined)
    ]


def case(name: str, truth: list, answers: list) -> dict:
    found = seqeval.metrics.classification_report(
        truth, answers, mode="strict", scheme=IOB2, output_dict=True,
        zero_division=0,
    )  # fmt: skip
    names = ("precision", "recall", "f1-score")
    micro = found["micro avg"]
    return {
        "name": name,
        "labels": LABELS,
        "truth": truth,
        "answers": answers,
        **{key.split("-")[0]: float(micro[key]) for key in names},
        "macro_f1": float(found["macro avg"]["f1-score"]),
        "per_class": {
            label: {
                **{key.split("-")[0]: float(row[key]) for key in names},
                "support": int(row["support"]),
            }
            for label, row in found.items()
            if label in LABELS
        },
    }


def main() -> None:
    cases = []
    for seed in range(6):
        source = random.Random(seed)
        truth = [draw(source, 1 + source.randrange(12)) for _ in range(8)]
        answers = [change(source, tags) for tags in truth]
        cases.append(case(f"seed {seed}", truth, answers))
    path = Path(__file__).with_name("seqeval.json")
    content = {"seqeval": "1.2.2, mode strict, scheme IOB2", "cases": cases}
    path.write_text(json.dumps(content, indent=None) + "\n")


if __name__ == "__main__":
    main()
