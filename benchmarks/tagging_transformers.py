"""Trains a tagger with Hugging Face transformers, by its own best practice.

    BERT_KERAS_DATA=/data PYTHONPATH=. /hf/bin/python \
        benchmarks/tagging_transformers.py --dataset wnut17 --seed 0

The other half of `tagging.py`: the same sentences, weights and settings.
Words come split, their first pieces carry the labels, the others none. Prints
one line of JSON.
"""

import json
import tempfile
import time

import shared
import tagging_data
import torch
import transformers
from finetune_transformers import local_folder, training_arguments
from transformers import (
    AutoModelForTokenClassification,
    AutoTokenizer,
    DataCollatorForTokenClassification,
    PrinterCallback,
    Trainer,
)

from bert_keras.data.tags import tag_spans

IGNORED = -100


class TaggedRows(torch.utils.data.Dataset):
    """Ids of all sentences, and which piece is whose first."""

    def __init__(self, tokenizer, sentences, names: list[str]):
        self.encodings = tokenizer(
            sentences.words,
            is_split_into_words=True,
            truncation=True,
            max_length=shared.MAX_LENGTH,
        )
        self.firsts = [
            first_pieces(self.encodings.word_ids(i))
            for i in range(len(sentences))
        ]
        self._labels = []
        for i, tags in enumerate(sentences.tags):
            row = [IGNORED] * len(self.encodings["input_ids"][i])
            for piece, word in self.firsts[i]:
                row[piece] = names.index(tags[word])
            self._labels.append(row)

    def __len__(self):
        return len(self._labels)

    def __getitem__(self, index):
        row = {name: ids[index] for name, ids in self.encodings.items()}
        return row | {"labels": self._labels[index]}


def first_pieces(words: list) -> list[tuple[int, int]]:
    """Returns (piece, word) of the first piece of each word."""
    return [
        (piece, word)
        for piece, word in enumerate(words)
        if word is not None and (piece == 0 or words[piece - 1] != word)
    ]


def found_spans(rows: TaggedRows, logits, sentences, names) -> list:
    """Returns spans of characters; a word that was cut off has no tag."""
    found = []
    for i, pieces in enumerate(rows.firsts):
        tags = ["O"] * len(sentences.words[i])
        for piece, word in pieces:
            tags[word] = names[logits[i][piece].argmax()]
        # As seqeval's default reads them: an I without a B begins an entity.
        spans, _ = tag_spans(tags, "IOB2")
        found.append(tagging_data.characters(spans, sentences.places[i]))
    return found


def main() -> None:
    args = tagging_data.prepare(tagging_data.parse_arguments(__doc__))
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    transformers.set_seed(args.seed)
    labels = sorted(
        {e.label for row in args.train.examples.entities for e in row}
    )
    names = ["O", *(f"{p}-{name}" for name in labels for p in "BI")]
    folder = local_folder(args.handle)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForTokenClassification.from_pretrained(
        folder, num_labels=len(names)
    )
    train = TaggedRows(tokenizer, args.train, names)
    with tempfile.TemporaryDirectory() as output:
        trainer = Trainer(
            model=model,
            args=training_arguments(args, output),
            train_dataset=train,
            data_collator=DataCollatorForTokenClassification(tokenizer),
        )
        trainer.remove_callback(PrinterCallback)
        start = time.perf_counter()
        trainer.train()
        seconds = time.perf_counter() - start
        trainer.args.train_sampling_strategy = "sequential"
        dev = TaggedRows(tokenizer, args.dev, names)
        logits = trainer.predict(dev).predictions
    found = found_spans(dev, logits, args.dev, names)
    result = {
        "engine": "transformers",
        "seed": args.seed,
        **tagging_data.score(args.dev, found, labels),
        "train_seconds": seconds,
        "version": transformers.__version__,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
