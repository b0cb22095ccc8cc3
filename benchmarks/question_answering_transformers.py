"""Question answering with Hugging Face transformers, by its own practice.

The other half of `question_answering.py`, which starts it: settings and
questions come as JSON on stdin, answers go to stdout as a line of JSON.
`AutoModelForQuestionAnswering`, overflowing windows, `Trainer` with rows
grouped by length, the 20 best starts and ends of each window.
"""

import json
import math
import sys
import tempfile
import time

import numpy as np
import shared
import torch
import transformers
from finetune_transformers import local_folder
from transformers import (
    AutoModelForQuestionAnswering,
    AutoTokenizer,
    DataCollatorWithPadding,
    PrinterCallback,
    Trainer,
    TrainingArguments,
)

WINDOW, STRIDE, LONGEST, BEST = 384, 128, 30, 20


class Features(torch.utils.data.Dataset):
    """Windows of questions and contexts, with targets if there are answers."""

    def __init__(self, tokenizer, rows: dict, *, labelled: bool):
        self._encoded = tokenizer(
            rows["questions"],
            rows["contexts"],
            truncation="only_second",
            max_length=WINDOW,
            stride=STRIDE,
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
        )
        self.samples = self._encoded.pop("overflow_to_sample_mapping")
        self.offsets = self._encoded.pop("offset_mapping")
        self.segments = [
            self._encoded.sequence_ids(i) for i in range(len(self.samples))
        ]
        self._targets = None
        if labelled:
            self._targets = [
                self._target(i, *rows["answers"][sample])
                for i, sample in enumerate(self.samples)
            ]

    def _target(self, feature: int, text: str, start: int) -> tuple[int, int]:
        inside = [
            place
            for place, segment in enumerate(self.segments[feature])
            if segment == 1
        ]
        offsets, end = self.offsets[feature], start + len(text)
        if offsets[inside[0]][0] > start or offsets[inside[-1]][1] < end:
            return 0, 0
        first = max(i for i in inside if offsets[i][0] <= start)
        last = min(i for i in inside if offsets[i][1] >= end)
        return first, last

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, index):
        row = {name: ids[index] for name, ids in self._encoded.items()}
        if self._targets is not None:
            row["start_positions"], row["end_positions"] = self._targets[index]
        return row


def answers_of(features: Features, logits, contexts: list[str]) -> list[str]:
    """Returns the best span of all windows of each context."""
    best = [(-math.inf, "")] * len(contexts)
    for i, sample in enumerate(features.samples):
        begin, finish = (
            part[i][: len(features.segments[i])] for part in logits
        )
        inside = np.array([s == 1 for s in features.segments[i]])
        begin = np.where(inside, begin, -np.inf)
        finish = np.where(inside, finish, -np.inf)
        for first in np.argsort(-begin)[:BEST]:
            for last in np.argsort(-finish)[:BEST]:
                score = begin[first] + finish[last]
                if first <= last < first + LONGEST and score > best[sample][0]:
                    start, end = (
                        features.offsets[i][first][0],
                        features.offsets[i][last][1],
                    )
                    best[sample] = (score, contexts[sample][start:end])
    return [text for _, text in best]


def main() -> None:
    asked = json.load(sys.stdin)
    transformers.logging.set_verbosity_error()
    transformers.set_seed(asked["seed"])
    folder = local_folder(asked["handle"])
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForQuestionAnswering.from_pretrained(folder)
    start = time.perf_counter()
    train = Features(tokenizer, asked["train"], labelled=True)
    steps = asked["epochs"] * math.ceil(len(train) / asked["batch_size"])
    with tempfile.TemporaryDirectory() as output:
        trainer = Trainer(
            model=model,
            args=TrainingArguments(
                output_dir=output,
                num_train_epochs=asked["epochs"],
                per_device_train_batch_size=asked["batch_size"],
                per_device_eval_batch_size=32,
                learning_rate=asked["learning_rate"],
                lr_scheduler_type="linear",
                warmup_steps=round(shared.WARMUP * steps),
                optim="adamw_torch_fused",
                weight_decay=shared.WEIGHT_DECAY,
                adam_epsilon=shared.EPSILON,
                max_grad_norm=shared.CLIP_NORM,
                train_sampling_strategy="group_by_length",
                seed=asked["seed"],
                use_cpu=True,
                dataloader_pin_memory=False,
                save_strategy="no",
                logging_strategy="no",
                report_to=[],
                disable_tqdm=True,
            ),
            train_dataset=train,
            data_collator=DataCollatorWithPadding(tokenizer),
            processing_class=tokenizer,
        )
        trainer.remove_callback(PrinterCallback)
        trainer.train()
        train_seconds = time.perf_counter() - start
        start = time.perf_counter()
        # Grouping by length would put the predictions into another order.
        trainer.args.train_sampling_strategy = "sequential"
        dev = Features(tokenizer, asked["dev"], labelled=False)
        logits = trainer.predict(dev).predictions
        answers = answers_of(dev, logits, asked["dev"]["contexts"])
    result = {
        "answers": answers,
        "train_seconds": round(train_seconds, 1),
        "answer_seconds": round(time.perf_counter() - start, 1),
    }
    print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
