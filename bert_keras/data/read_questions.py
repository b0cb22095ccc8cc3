"""One function that reads questions and answers from any source."""

import itertools
from collections.abc import Iterable, Mapping
from pathlib import Path

from bert_keras.data.arrays import (
    check_given_beside,
    check_limit,
    is_dataset,
    is_frame,
    listed,
)
from bert_keras.data.bad_rows import Checked, Kept, check_bad_rows, keep
from bert_keras.data.columns import WEIGHT_NAME
from bert_keras.data.datasets import dataset_table
from bert_keras.data.elements import Names
from bert_keras.data.errors import DataError
from bert_keras.data.files import find_file, read_lines
from bert_keras.data.memory import memory_table
from bert_keras.data.question_rows import (
    QuestionRow,
    memory_rows,
    squad_rows,
    table_rows,
)
from bert_keras.data.questions import (
    Answer,
    QuestionExamples,
    checked_answers,
)
from bert_keras.data.read import FORMATS, file_format
from bert_keras.data.table import Table, add_columns
from bert_keras.data.weights import weight_array

_ANSWERS = "answers"
_NAMES = Names("question", "context", _ANSWERS, always_pairs=True)


def read_questions(
    source,
    labels=None,
    sample_weight=None,
    *,
    question: str | None = None,
    context: str | None = None,
    answer: str | None = None,
    labelled: bool = True,
    bad_rows: str = "refuse",
    limit: int | None = None,
) -> QuestionExamples:
    """Reads questions, contexts and answers into memory.

    Answers and weights may be passed along with the questions, as in Keras:

    | source | `labels` | `sample_weight` |
    |---|---|---|
    | `[(question, context), ...]` | `["Ada", ("Ada", 7), ""]` | `[1, 2, 1]` |
    | `{"question": [...], "context": [...]}` | the same | the same |

    Each may be a list, a NumPy array, a pandas Series, a `tf.Tensor` or a
    generator. All other sources contain their answers and weights:

    | source | what it is |
    |---|---|
    | `"train.json"` | SQuAD, version 1.1 or 2.0 |
    | `"train.jsonl"` | `{"question": ..., "context": ..., "answers": ...}` |
    | `"train.tsv"`, `"train.csv"` | `question context answer answer_start` |
    | `[(question, context, answers), ...]` | `[]` or `""` for no answer |
    | `[(question, context), ...]` | with `labelled=False` |
    | `(question, context)` | one question |
    | a dict of columns, a data frame | columns by name |
    | a `tf.data.Dataset` | of dicts or `((question, context), answer)` |
    | `QuestionExamples` | returned unchanged |

    An answer without a start is searched for in its context.

    Args:
        source: One of the above.
        labels: The answers to each question, unless the source contains them.
        sample_weight: Weight of each question in the loss, finite and not
            negative; in tables a column of that name.
        question: Name of the question column; detected if `None`.
        context: Name of the context column; detected if `None`.
        answer: Name of the answer column; detected if `None`.
        labelled: Whether to read answers.
        bad_rows: What to do with answers that do not occur in the context, or
            not at their start: `"refuse"` the source, `"skip"` the questions,
            or `"repair"`: move answers to the nearest occurrence and leave
            out those without one, and questions without any left.
        limit: Maximum number of questions; required for an infinite dataset
            or generator.

    Returns:
        The examples in the order of the source.

    Raises:
        DataError: If the source cannot be read, has bad rows that are refused
            (one message reports all of them), or lengths differ.

    Example:
        >>> data = read_questions([("Who?", "It was Ada.", "Ada")])
        >>> data.questions, data.answers
        (['Who?'], [[Answer(text='Ada', start=7)]])
    """
    check_bad_rows(bad_rows)
    check_limit(limit)
    check_given_beside(
        source,
        labels=labels,
        sample_weight=sample_weight,
        labelled=labelled,
        read=QuestionExamples,
    )
    if isinstance(source, QuestionExamples):
        return source
    columns = {"question": question, "context": context, "answer": answer}
    if isinstance(source, str | Path):
        name, rows = str(source), _file_rows(source, columns)
    elif is_dataset(source):
        table = dataset_table(
            source, labelled=labelled, limit=limit, names=_NAMES
        )
        name, rows = table.source, table_rows(table, **columns)
    elif isinstance(source, Mapping) or is_frame(source):
        table = memory_table(source, labelled=labelled)
        table = _with_columns(table, labels, sample_weight, limit)
        if labels is not None:
            columns["answer"] = _ANSWERS
        name, rows = table.source, table_rows(table, **columns)
    else:
        name = "a list"
        rows = memory_rows(source, labels, sample_weight, limit=limit)
    kept = keep(
        (_checked(row, labelled) for row in itertools.islice(rows, limit)),
        name,
        bad_rows=bad_rows,
        expected="questions whose answers occur in their contexts",
        remedy="Correct them, leave these questions out with --bad-rows skip, "
        "or keep the answers that can be found with --bad-rows repair (in "
        "Python: bad_rows='skip' or 'repair').",
    )
    found = _examples(kept, name, labelled=labelled)
    if not len(found) and (labelled or isinstance(source, str | Path)):
        raise DataError(
            f"{name}: Expected at least one question. Received none. Check "
            "that the source was written completely."
        )
    return found


def _file_rows(source: str | Path, columns: dict) -> Iterable[QuestionRow]:
    path, name = find_file(source), str(source)
    kind = file_format(path)
    if kind == "json":
        return squad_rows(path, name)
    if kind not in FORMATS:
        raise DataError(
            f"{name}: Expected a file that ends in .json (SQuAD), "
            f"{', '.join('.' + other for other in FORMATS)}. Received: "
            f"{path.name!r}. Rename it so that the extension says what it "
            "contains."
        )
    return table_rows(FORMATS[kind](read_lines(path, name), name), **columns)


def _with_columns(
    table: Table, labels, sample_weight, limit: int | None
) -> Table:
    """Returns the table with the answers and weights passed along with it."""
    added = {}
    if labels is not None:
        added[_ANSWERS] = listed(labels, "labels", limit)
    if sample_weight is not None:
        added[WEIGHT_NAME] = listed(sample_weight, "sample_weight", limit)
    return add_columns(table, added) if added else table


def _checked(row: QuestionRow, labelled: bool) -> Checked:
    """Returns a question with its answers, and what is wrong with it."""
    answers, faults, usable = _answers(row, labelled)
    return Checked(row.location, (row, answers), faults, usable)


def _answers(
    row: QuestionRow, labelled: bool
) -> tuple[list[Answer] | None, list[str], bool]:
    """Returns the answers, what is wrong, and whether it can be repaired."""
    if row.fault:
        return None, [row.fault], False
    if not labelled:
        return None, [], True
    if row.answers is None:
        return None, ["no answers, nor a statement that there are none"], False
    return checked_answers(row.context, row.answers)


def _examples(kept: Kept, source: str, *, labelled: bool) -> QuestionExamples:
    rows = [row for row, _ in kept.examples]
    answers = [found for _, found in kept.examples]
    return QuestionExamples(
        questions=[row.question for row in rows],
        contexts=[row.context for row in rows],
        answers=answers if labelled else None,
        source=source,
        locations=[row.location for row in rows],
        left_out=kept.left_out,
        repaired=kept.repaired,
        weights=weight_array([row.weight for row in rows], source),
    )
