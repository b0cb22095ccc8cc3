"""Fine-tunes with bert_keras on real data, and says how well and how fast.

    BERT_KERAS_DATA=/data python benchmarks/finetune.py \
        --dataset sst2 --rows 8000 --seed 0

The other half is `finetune_transformers.py`: the same rows, weights and
settings. `compare_finetune.py` runs both. Prints one line of JSON.
"""

import json
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import shared

import bert_keras as bk


def first_step_callback():
    import keras

    class FirstStep(keras.callbacks.Callback):
        """Notes when the first update was done."""

        done = None

        def on_train_batch_end(self, batch, logs=None):
            self.done = self.done or time.perf_counter()

    return FirstStep()


def seconds(function) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def build(args):
    task_class = bk.TextClassifier
    if shared.DATASETS[args.dataset].regression:
        task_class = bk.TextRegressor
    return task_class.from_handle(
        args.handle, max_length=shared.MAX_LENGTH, seed=args.seed
    )


def fit(task, args, callback) -> None:
    rows = args.train
    texts = rows.texts[0] if len(rows.texts) == 1 else rows.texts
    task.fit(
        (texts, rows.labels),
        epochs=args.epochs,
        batch_size=shared.BATCH_SIZE,
        learning_rate=args.learning_rate,
        warmup_ratio=shared.WARMUP,
        weight_decay=shared.WEIGHT_DECAY,
        global_clipnorm=shared.CLIP_NORM,
        seed=args.seed,
        callbacks=[callback],
        verbose=0,
    )


def predict(task, rows: shared.Rows, key: str) -> list:
    texts = rows.texts[0]
    if len(rows.texts) == 2:
        texts = list(zip(*rows.texts, strict=True))
    return [answer[key] for answer in task.predict(texts)]


def main() -> None:
    args = shared.parse_arguments(__doc__)
    task = build(args)

    import keras
    import tensorflow as tf

    from bert_keras.training import tokenize_sequences

    # `fit` tokenizes as well. The first time traces the tokenizer and is what
    # counts as tokenization; the second is what `fit` spends on it again.
    def tokenize():
        tokenize_sequences(task.preprocessor, *args.train.texts)

    first, again = seconds(tokenize), seconds(tokenize)
    first_step = first_step_callback()
    start = time.perf_counter()
    fit(task, args, first_step)
    fit_seconds = time.perf_counter() - start

    regression = shared.DATASETS[args.dataset].regression
    predicted = predict(task, args.dev, "score" if regression else "label")
    result = shared.report(
        args,
        engine="bert_keras",
        metrics=shared.score(args.dataset, predicted, args.dev.labels),
        tokenize_seconds=first,
        train_seconds=fit_seconds - again,
        first_step_seconds=first_step.done - start - again,
        versions={
            "tensorflow": tf.__version__,
            "keras": keras.__version__,
            "onednn": os.environ.get("TF_ENABLE_ONEDNN_OPTS", "default"),
        },
        threads=len(os.sched_getaffinity(0)),
    )
    print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
