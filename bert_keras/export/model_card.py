"""The model card: a description of an exported version for people."""

from bert_keras import contract
from bert_keras.metrics import LONG_TEXTS, long_texts_line

_EXAMPLE = """\
import tensorflow as tf
import tensorflow_text  # registers the tokenizer's ops

model = tf.saved_model.load(".")  # the folder of this file
print(model.signatures["serving_default"]({arguments}))
"""


def model_card(manifest: dict) -> str:
    """Returns the card of an export as Markdown.

    Args:
        manifest: Content of `bert_keras.json`.

    Example:
        >>> print(model_card(manifest).splitlines()[0])
        # A classifier of text
    """
    encoder = manifest["encoder"]
    inputs = manifest["inputs"]
    arguments = ", ".join(f"{name}={_example(name)}" for name in inputs)
    lines = [
        f"# A {manifest['task']} of {_subject(inputs)}",
        "",
        "A self-contained SavedModel: strings in, answers out. Tokenizer, "
        "vocabulary and labels are included.",
        "",
        "| | |",
        "|---|---|",
        f"| encoder | {manifest['handle'] or 'not recorded'}: "
        f"{_layers(encoder)} |",
        f"| weights | {manifest['precision']} |",
        f"| longest sequence | {manifest['max_length']} tokens; "
        f"{_rest(manifest)} |",
        *_long_texts(manifest.get(LONG_TEXTS, {})),
        *_labels(manifest["problem"].get("labels")),
        "",
        "## Measured on validation data",
        "",
        *_metrics(manifest["metrics"]),
        "",
        "## Use",
        "",
        "```python",
        *_EXAMPLE.format(arguments=arguments).splitlines(),
        "```",
        "",
        "The signature `encode` gives `sequence_output`, `pooled_output` and "
        "the packed ids of the same texts.",
    ]
    return "\n".join(lines) + "\n"


def _rest(manifest: dict) -> str:
    """Says how a text is read that is longer than a sequence."""
    problem = manifest["problem"]
    pooled = problem.get("windows", "first")
    if pooled == "first":
        return (
            "longer texts are truncated"
            if manifest["truncates"]
            else "longer texts are read in windows"
        )
    most = problem["max_windows"]
    limit = f", at most {most} a text" if most else ""
    return f"longer texts are read in windows, pooled by {pooled}{limit}"


def _long_texts(counts: dict) -> list[str]:
    line = long_texts_line(counts).partition(" Try ")[0]
    return [f"| training texts | {line} |"] if line else []


def _subject(inputs: list[str]) -> str:
    if inputs == [contract.TEXT_A, contract.TEXT_B]:
        return "pairs of texts"
    return " and ".join(inputs)


def _example(name: str) -> str:
    kind = contract.input_spec(name).dtype.name
    return 'tf.constant(["..."])' if kind == "string" else "tf.constant([0])"


def _layers(encoder: dict) -> str:
    if "num_hidden_layers" not in encoder:
        return f"a SavedModel of width {encoder['hidden_size']}"
    return f"{encoder['num_hidden_layers']} layers of {encoder['hidden_size']}"


def _labels(labels: list[str] | None) -> list[str]:
    if not labels:
        return []
    shown = ", ".join(labels[:20])
    more = f" and {len(labels) - 20} more" if len(labels) > 20 else ""
    return [f"| labels | {shown}{more} |"]


def _metrics(metrics: dict) -> list[str]:
    numbers = {k: v for k, v in metrics.items() if isinstance(v, int | float)}
    if not numbers:
        return ["Nothing was measured."]
    rows = [f"| {name} | {value:.4g} |" for name, value in numbers.items()]
    return ["| metric | value |", "|---|---|", *rows]
