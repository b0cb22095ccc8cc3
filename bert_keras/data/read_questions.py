"""One function that reads questions, contexts and answers from anything."""

import logging
from collections.abc import Iterable, Mapping
from pathlib import Path

from bert_keras.data.errors import DataError, Problems
from bert_keras.data.files import find_file, read_lines
from bert_keras.data.memory import memory_table
from bert_keras.data.question_rows import (
    Asked,
    answer_list,
    squad_rows,
    table_rows,
)
from bert_keras.data.questions import (
    Answer,
    QuestionExamples,
    checked_answers,
)
from bert_keras.data.read import FORMATS, file_format

logger = logging.getLogger(__name__)

BAD_ROWS = ("refuse", "skip", "repair")


def read_questions(
    source,
    *,
    question: str | None = None,
    context: str | None = None,
    answer: str | None = None,
    labelled: bool = True,
    bad_rows: str = "refuse",
) -> QuestionExamples:
    """Reads questions, contexts and answers into memory.

    | source | what it is |
    |---|---|
    | `"train.json"` | SQuAD, version 1.1 or 2.0 |
    | `"train.jsonl"` | `{"question": ..., "context": ..., "answers": ...}` |
    | `"train.tsv"`, `"train.csv"` | `question context answer answer_start` |
    | `[(question, context, answers), ...]` | `[]` or `""` for no answer |
    | `[(question, context), ...]` | with `labelled=False` |
    | a dict of columns, a data frame | columns by name |
    | `QuestionExamples` | read already: given back |

    An answer without a start is looked for in its context.

    Args:
        source: One of the above.
        question: Name of the question's column; found if `None`.
        context: Of the context's column.
        answer: Of the column of answers.
        labelled: Whether to read answers.
        bad_rows: What to do with answers that do not occur or stand
            elsewhere: `"refuse"` them all, `"skip"` their questions, or
            `"repair"`: move answers to the nearest place where they occur,
            and leave out those that do not, and questions with none left.

    Returns:
        The examples in the order of the source.

    Raises:
        DataError: If the source cannot be read, or rows are bad and refused,
            all of which the message counts.

    Example:
        >>> data = read_questions([("Who?", "It was Ada.", "Ada")])
        >>> data.questions, data.answers
        (['Who?'], [[Answer(text='Ada', start=7)]])
    """
    if isinstance(source, QuestionExamples):
        return source
    if bad_rows not in BAD_ROWS:
        raise ValueError(
            f"Expected `bad_rows` to be {', '.join(BAD_ROWS)}. Received: "
            f"bad_rows={bad_rows!r}"
        )
    columns = {"question": question, "context": context, "answer": answer}
    if isinstance(source, str | Path):
        name, rows = str(source), _file_rows(source, columns)
    elif isinstance(source, Mapping) or hasattr(source, "columns"):
        table = memory_table(source, labelled=labelled)
        name, rows = table.source, table_rows(table, **columns)
    else:
        name, rows = "a list", _memory_rows(source)
    found = _collect(rows, name, labelled=labelled, bad_rows=bad_rows)
    if not len(found) and (labelled or isinstance(source, str | Path)):
        raise DataError(
            f"{name}: Expected at least one question. Received none. Check "
            "that the source was written completely."
        )
    return found


def _file_rows(source: str | Path, columns: dict) -> Iterable[Asked]:
    path, name = find_file(source), str(source)
    kind = file_format(path)
    if kind == "json":
        return squad_rows(path, name)
    if kind not in FORMATS:
        raise DataError(
            f"{name}: Expected a file that ends in .json (SQuAD), "
            f"{', '.join('.' + other for other in FORMATS)}. Received: "
            f"{path.name!r}. Rename it to say what is in it."
        )
    return table_rows(FORMATS[kind](read_lines(path, name), name), **columns)


def _memory_rows(source) -> Iterable[Asked]:
    if isinstance(source, bytes) or not isinstance(source, Iterable):
        raise DataError(
            "Expected a list of (question, context) or of (question, context, "
            f"answers), a dict of columns or a file. Received: {source!r:.80}"
        )
    for index, row in enumerate(source):
        place = f"a list, index {index}"
        good = isinstance(row, list | tuple) and len(row) in (2, 3)
        if not good or not all(isinstance(part, str) for part in row[:2]):
            yield Asked(
                place,
                problem="expected (question, context) or (question, context, "
                f"answers), received {row!r:.80}",
            )
            continue
        try:
            answers = None if len(row) == 2 else answer_list(row[2])
        except (DataError, KeyError, TypeError, ValueError) as error:
            yield Asked(place, problem=str(error))
            continue
        yield Asked(place, *row[:2], answers)


def _collect(
    rows: Iterable[Asked], source: str, *, labelled: bool, bad_rows: str
) -> QuestionExamples:
    problems, kept = Problems(), []
    left_out = repaired = 0
    for row in rows:
        answers, faults, usable = _checked(row, labelled)
        for fault in faults:
            problems.add(row.place, fault)
        if faults and not (usable and bad_rows == "repair"):
            left_out += 1
            continue
        repaired += bool(faults)
        kept.append((row.question, row.context, answers, row.place))
    if bad_rows == "refuse":
        problems.raise_if_any(
            expected="questions whose answers are part of their contexts",
            remedy="Correct them, or leave these questions out with "
            "--bad-rows skip, or keep what answers can be found with "
            "--bad-rows repair (in Python: bad_rows='skip' or 'repair').",
        )
    if left_out or repaired:
        done = "Left out"
        if bad_rows == "repair":
            done = f"Repaired {repaired:,}, left out {left_out:,}. Found"
        logger.warning("%s: %s", source, problems.summary(done))
    questions, contexts, answers, places = (
        [list(column) for column in zip(*kept, strict=True)]
        if kept
        else [[]] * 4
    )
    return QuestionExamples(
        questions,
        contexts,
        answers if labelled else None,
        source=source,
        places=places,
        left_out=left_out,
        repaired=repaired,
    )


def _checked(
    row: Asked, labelled: bool
) -> tuple[list[Answer] | None, list[str], bool]:
    """Returns the answers, what is wrong, and whether it can be repaired."""
    if row.problem:
        return None, [row.problem], False
    if not labelled:
        return None, [], True
    if row.answers is None:
        return None, ["no answers, and nothing says that there are none"], False
    return checked_answers(row.context, row.answers)
