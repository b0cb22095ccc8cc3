"""The options of a tagger, and the data it reads."""

import dataclasses
from collections.abc import Sequence

from bert_keras import contract
from bert_keras.data import (
    DataError,
    TaggedExamples,
    check_entity_labels,
    read_tagged,
    require_classes,
)
from bert_keras.task_specs.spec import TaskSpec


@dataclasses.dataclass(kw_only=True, eq=False)
class TaggerSpec(TaskSpec):
    """The entities of a text, or the arguments of one of its words.

    Attributes:
        labels: Names of the entity types; `None` infers them from the training
            data.
        predicate: Whether entities are the arguments of one word, whose
            index in `text.split()` is the second input; `None` infers it from
            the training data. Its tokens have the type id 1: the indicator of
            https://arxiv.org/abs/1904.05255, in the pretrained embeddings.
        crf: Whether to learn transitions between tags as well; see `CrfHead`.

    Raises:
        DataError: If there are no labels.
    """

    kind = "tagger"
    columns = ("text", "label", "bad_rows")

    labels: Sequence[str] | None = dataclasses.field(
        default=None, kw_only=False
    )
    predicate: bool | None = None
    crf: bool = False

    def __post_init__(self):
        if self.labels is not None:
            self.labels = tuple(self.labels)
            require_classes(self.labels, "labels", at_least=1)

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the signature's inputs."""
        if self.predicate:
            return contract.TEXT, contract.PREDICATE
        return (contract.TEXT,)

    def read(self, source, labels=None, **options) -> TaggedExamples:
        """Reads texts and their entities; see `read_tagged`."""
        given = {k: v for k, v in options.items() if v is not None}
        return read_tagged(source, labels, **given)

    def adapt(self, examples: TaggedExamples) -> None:
        """Infers labels, and whether there are predicates, unless given."""
        if self.predicate is None:
            self.predicate = examples.predicates is not None
        if self.labels is None:
            names = {
                e.label for spans in examples.require_entities() for e in spans
            }
            require_classes(sorted(names), examples.source, at_least=1)
            self.labels = tuple(sorted(names))

    def check(self, examples: TaggedExamples) -> None:
        """Raises `DataError` unless texts and labels are as in training."""
        self.texts(examples)
        check_entity_labels(examples, self.known_labels)

    def texts(self, examples: TaggedExamples) -> dict[str, list]:
        """Returns the inputs by name; raises if they are not as in training."""
        if (examples.predicates is not None) != bool(self.predicate):
            # Without texts there are no predicates either.
            if len(examples):
                raise DataError(_other_inputs(examples.source, self.predicate))
        columns = (examples.texts, examples.predicates or [])
        return dict(zip(self.inputs, columns, strict=False))


def _other_inputs(source: str, predicate: bool | None) -> str:
    expected, received = "texts with a predicate", "texts without one"
    if not predicate:
        expected, received = "texts without a predicate", "texts with one"
    return (
        f"{source}: Expected {expected}, as in training. Received {received}. "
        "Give (text, index of the word) for each, or train with such data."
    )
