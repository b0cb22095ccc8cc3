"""The options of a masked language model, and the data it reads."""

import dataclasses

from bert_keras.contract import TEXT
from bert_keras.data import Documents, Examples, read_documents, read_examples
from bert_keras.settings import check_mask_rate
from bert_keras.task_specs.spec import TaskSpec


@dataclasses.dataclass(kw_only=True, eq=False)
class MaskedLmSpec(TaskSpec):
    """The tokens in place of `[MASK]`; tokens are their own labels.

    Attributes:
        k: Number of tokens to return for each mask, best first.
        mask_rate: Share of the tokens that are masked in training.
        whole_words: Whether words are masked with all their tokens; see
            `Masking`.
        join_lines: Whether consecutive lines of a document share a sequence
            in training; see `passage_sequences`.
        tied: Whether the head shares the encoder's word embeddings;
            otherwise it has its own.

    Raises:
        ValueError: If an option is out of its range.
    """

    kind = "masked-lm"
    labels = None
    columns = ("text",)

    k: int = 5
    mask_rate: float = 0.15
    whole_words: bool = True
    join_lines: bool = True
    tied: bool = True

    def __post_init__(self):
        check_mask_rate(self.mask_rate)
        if self.k < 1:
            raise ValueError(
                f"Expected `k` to be at least 1. Received: k={self.k}"
            )

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the signature's inputs."""
        return (TEXT,)

    def read(
        self, source, labels=None, *, labelled: bool = True, **options
    ) -> Documents | Examples:
        """Reads running text to train or evaluate on, or single texts."""
        given = {k: v for k, v in options.items() if v is not None}
        if labelled:
            return read_documents(source, labels, **given)
        return read_examples(source, labelled=False, **given)

    def texts(self, examples: Examples) -> dict[str, list]:
        """Returns the texts by input."""
        return {TEXT: examples.texts}
