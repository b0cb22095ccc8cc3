"""Fine-tunes with Hugging Face transformers, by its own best practice.

    BERT_KERAS_DATA=/data /hf/bin/python benchmarks/finetune_transformers.py \
        --dataset sst2 --rows 8000 --seed 0

The other half of `finetune.py`: the same rows, weights and settings.
`Trainer`, batches of like length padded to their longest row, AdamW as one
fused operation. Prints one line of JSON.
"""

import importlib
import json
import math
import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")

import shared
import torch
import transformers
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    DataCollatorWithPadding,
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)


def local_folder(handle: str) -> str:
    """Finds the folder of `pkg://package/path`; others stay as they are."""
    if not handle.startswith("pkg://"):
        return handle
    package, _, path = handle.removeprefix("pkg://").partition("/")
    return str(Path(importlib.import_module(package).__path__[0]) / path)


class TokenizedRows(torch.utils.data.Dataset):
    """Ids of all rows, with a target each if there are targets."""

    def __init__(self, tokenizer, rows: shared.Rows, targets: list | None):
        self._encodings = tokenizer(
            *rows.texts, truncation=True, max_length=shared.MAX_LENGTH
        )
        self._targets = targets
        self._length = len(rows)

    def __len__(self):
        return self._length

    def __getitem__(self, index):
        row = {name: ids[index] for name, ids in self._encodings.items()}
        if self._targets is not None:
            row["labels"] = self._targets[index]
        return row


class FirstStep(TrainerCallback):
    """Notes when the first update was done."""

    done = None

    def on_step_end(self, *args, **kwargs):
        self.done = self.done or time.perf_counter()


def training_arguments(args, folder: str) -> TrainingArguments:
    steps = args.epochs * math.ceil(len(args.train) / shared.BATCH_SIZE)
    return TrainingArguments(
        output_dir=folder,
        num_train_epochs=args.epochs,
        per_device_train_batch_size=shared.BATCH_SIZE,
        per_device_eval_batch_size=shared.BATCH_SIZE,
        learning_rate=args.learning_rate,
        lr_scheduler_type="linear",
        warmup_steps=round(shared.WARMUP * steps),
        optim="adamw_torch_fused",
        weight_decay=shared.WEIGHT_DECAY,
        adam_epsilon=shared.EPSILON,
        max_grad_norm=shared.CLIP_NORM,
        train_sampling_strategy="group_by_length",
        seed=args.seed,
        use_cpu=True,
        dataloader_pin_memory=False,
        save_strategy="no",
        logging_strategy="no",
        report_to=[],
        disable_tqdm=True,
    )


def main() -> None:
    args = shared.parse_arguments(__doc__)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    transformers.set_seed(args.seed)
    regression = shared.DATASETS[args.dataset].regression
    names = sorted(set(args.train.labels))
    folder = local_folder(args.handle)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForSequenceClassification.from_pretrained(
        folder,
        num_labels=1 if regression else len(names),
        problem_type="regression" if regression else None,
    )

    convert = float if regression else names.index
    targets = [convert(label) for label in args.train.labels]

    start = time.perf_counter()
    train = TokenizedRows(tokenizer, args.train, targets)
    tokenize_seconds = time.perf_counter() - start

    with tempfile.TemporaryDirectory() as output:
        trainer = Trainer(
            model=model,
            args=training_arguments(args, output),
            train_dataset=train,
            data_collator=DataCollatorWithPadding(tokenizer),
            processing_class=tokenizer,
        )
        trainer.remove_callback(PrinterCallback)
        first_step = FirstStep()
        trainer.add_callback(first_step)
        start = time.perf_counter()
        trainer.train()
        train_seconds = time.perf_counter() - start
        # Grouping by length would put the predictions into another order.
        trainer.args.train_sampling_strategy = "sequential"
        dev = TokenizedRows(tokenizer, args.dev, None)
        logits = trainer.predict(dev).predictions

    if regression:
        predicted = logits[:, 0].tolist()
    else:
        predicted = [names[i] for i in logits.argmax(axis=1)]
    result = shared.report(
        args,
        engine="transformers",
        metrics=shared.score(args.dataset, predicted, args.dev.labels),
        tokenize_seconds=tokenize_seconds,
        train_seconds=train_seconds,
        first_step_seconds=first_step.done - start,
        versions={
            "torch": torch.__version__,
            "transformers": transformers.__version__,
        },
        threads=torch.get_num_threads(),
    )
    print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
