"""Contents: all that a checkpoint says, whatever its format is.

Every reader returns one; encoders, preprocessors, tasks and writers are built
from it, so that each format is known in one place.

handle -> folder -> a reader -> `Contents` -> encoder, heads, preprocessor
"""

import dataclasses
from collections.abc import Mapping
from pathlib import Path

from bert_keras.checkpoints.errors import CheckpointError
from bert_keras.checkpoints.readers.sentence_transformers import (
    SentenceSettings,
)
from bert_keras.checkpoints.tensors import StoredTensor
from bert_keras.config import BertConfig, TokenizerConfig

_OTHER = "an encoder of another architecture, which only runs as it is"
_NO_VOCABULARY = (
    "Received none: only the encoder can be loaded. Copy the vocab.txt or "
    "tokenizer.json that it was trained with into the folder."
)


@dataclasses.dataclass(frozen=True)
class Contents:
    """One model, as its files describe it.

    Attributes:
        format: Name of the format, e.g. `"huggingface"`.
        folder: The folder of the files.
        config: The architecture; `None` for an encoder of another architecture,
            which only runs as a SavedModel, and for a preprocessor alone.
        tensors: The encoder's weights by the names of
            `BertEncoder.named_variables`; values are read by `np.asarray`.
        weights: The files that hold the values.
        heads: Weights on top of the encoder, by the name of the head; see the
            table below.
        unknown: Other tensors of the file, by its own names.
        vocabulary: The tokens in the order of their ids, `None` if the files
            have no vocabulary.
        tokenizer: How text is split into tokens; `None` if that is unknown.
        tokenizer_problem: Why `tokenizer` is `None`.
        vocabulary_path: The file of the vocabulary, for messages.
        labels: Names of a classifier's classes in the order of their ids.
        problem_type: What the outputs of a sequence classifier mean, as in
            Hugging Face's `config.json`: `single_label_classification`,
            `multi_label_classification` or `regression`; `None` if the files
            do not say.
        pooling: What a sequence classifier reads: `"cls"`, `"mean"` or
            `"max"`.
        windows: How texts longer than a sequence are read in windows, by the
            names of the tasks' options; empty if they are truncated.
        sentence: How a text becomes one vector, if the files say.
        saved_model: Folder of the SavedModel that computes an encoder of
            another architecture. If it is not `folder`, it has no weights:
            `tensors` holds the values of its variables.
        notes: What the reader inferred, one sentence each.

    Every head has `dense/kernel` [in, out] and `dense/bias` [out]:

    | head | besides |
    |---|---|
    | `sequence_classifier` | |
    | `token_classifier` | `transitions`, if it has a CRF |
    | `multiple_choice` | |
    | `span` | |
    | `masked_lm` | `norm/gamma`, `norm/beta`, `bias`; `kernel` [hidden_size, \
vocab_size] only if its scores do not use the encoder's word table |
    | `next_sentence` | class 0: the second text follows the first; \
`pooler/kernel` and `pooler/bias` only if it reads the first token by a layer \
of its own, as in the Model Garden's `BertPretrainerV2` |
    | `embedding` | the dense layer after the pooling of `sentence` |
    """

    format: str
    folder: Path
    config: BertConfig | None
    tensors: Mapping[str, StoredTensor]
    weights: tuple[Path, ...] = ()
    heads: Mapping[str, Mapping[str, StoredTensor]] = dataclasses.field(
        default_factory=dict
    )
    unknown: Mapping[str, StoredTensor] = dataclasses.field(
        default_factory=dict
    )
    vocabulary: tuple[str, ...] | None = None
    tokenizer: TokenizerConfig | None = None
    tokenizer_problem: str = ""
    vocabulary_path: Path | None = None
    labels: tuple[str, ...] = ()
    problem_type: str | None = None
    pooling: str = "cls"
    windows: Mapping[str, str | int | None] = dataclasses.field(
        default_factory=dict
    )
    sentence: SentenceSettings | None = None
    saved_model: Path | None = None
    notes: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """Returns the weights' file, or the folder, for messages."""
        return str(self.weights[0] if self.weights else self.folder)

    def require_config(self) -> BertConfig:
        """Returns the architecture.

        Raises:
            CheckpointError: If it is not an encoder of BERT's own
                architecture.
        """
        if self.config is None:
            kind = _OTHER if self.tensors else "a preprocessor alone"
            raise CheckpointError(
                f"{self.folder}: Expected the weights of a BERT encoder. "
                f"Received: {kind}"
            )
        return self.config

    def require_vocabulary(self) -> tuple[str, ...]:
        """Returns the tokens.

        Raises:
            CheckpointError: If there are none.
        """
        if self.vocabulary is None:
            raise CheckpointError(
                f"{self.folder}: Expected a vocabulary to prepare text with. "
                + (self.tokenizer_problem or _NO_VOCABULARY)
            )
        return self.vocabulary

    def require_tokenizer(self) -> TokenizerConfig:
        """Returns how text is split into tokens.

        Raises:
            CheckpointError: If that is unknown.
        """
        if self.tokenizer is None:
            raise CheckpointError(self.tokenizer_problem)
        return self.tokenizer
