"""The options of a question answerer, and the data it reads."""

import dataclasses

from bert_keras import contract
from bert_keras.data import QuestionExamples, read_questions
from bert_keras.task_specs.spec import TaskSpec


@dataclasses.dataclass(kw_only=True, eq=False)
class QuestionAnswererSpec(TaskSpec):
    """Answers to questions, each a span of a context of any length.

    Attributes:
        unanswerable: Whether questions may have no answer; `None` infers it
            from the training data.
        threshold: From 0 to 1: with a higher `no_answer_score` there is no
            answer. `None` takes the best one on validation data, or 0.5.
        stride: Tokens from one window to the next; `None` takes a third of a
            window.
        max_query_length: Maximum tokens of a question; the rest is truncated.
        max_answer_length: Maximum tokens of an answer.
        answers: Number of answers to return, best first.
        tuned: The threshold found on validation data; `fit` sets it.

    Raises:
        ValueError: If an option is out of its range.
    """

    kind = "qa"
    labels = None
    columns = ("question", "context", "answer", "bad_rows")

    unanswerable: bool | None = None
    threshold: float | None = None
    stride: int | None = None
    max_query_length: int = 64
    max_answer_length: int = 30
    answers: int = 10
    tuned: float | None = None

    def __post_init__(self):
        if self.threshold is not None and not 0 <= self.threshold <= 1:
            raise ValueError(
                "Expected `threshold` from 0 to 1. Received: "
                f"threshold={self.threshold!r}"
            )
        for name in (
            "stride",
            "max_query_length",
            "max_answer_length",
            "answers",
        ):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(
                    f"Expected `{name}` to be at least 1. "
                    f"Received: {name}={value}"
                )

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the signature's inputs."""
        return contract.QUESTION, contract.CONTEXT

    def read(self, source, labels=None, **options) -> QuestionExamples:
        """Reads questions, contexts and answers; see `read_questions`."""
        given = {k: v for k, v in options.items() if v is not None}
        return read_questions(source, labels, **given)

    def adapt(self, examples: QuestionExamples) -> None:
        """Infers whether questions may have no answer, unless it is given."""
        self.tuned = None
        if self.unanswerable is None:
            self.unanswerable = not all(examples.require_answers())

    def texts(self, examples: QuestionExamples) -> dict[str, list]:
        """Returns questions and contexts by input."""
        return {
            contract.QUESTION: examples.questions,
            contract.CONTEXT: examples.contexts,
        }
