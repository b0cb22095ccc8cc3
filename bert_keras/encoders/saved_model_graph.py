"""The graph of a SavedModel: how it is called, and its variables."""

from bert_keras.contract import (
    ENCODER_INPUTS,
    INPUT_WORD_IDS,
    POOLED_OUTPUT,
    SEQUENCE_OUTPUT,
)


def text_api_functions(loaded, folder) -> list:
    """Returns the functions behind a SavedModel's `__call__`.

    Raises:
        ValueError: If none has the inputs and outputs of the TF Hub text API.
    """
    call = loaded.__call__ if callable(loaded) else None
    functions = [
        function
        for function in getattr(call, "concrete_functions", ())
        if isinstance(function.structured_outputs, dict)
        and {SEQUENCE_OUTPUT, POOLED_OUTPUT} <= set(function.structured_outputs)
        and _inputs(function) == set(ENCODER_INPUTS)
    ]
    if not functions:
        raise ValueError(
            f"{folder}: Expected an encoder of the TF Hub text API, which "
            f"takes a dict of {', '.join(ENCODER_INPUTS)} and returns a dict "
            f"with {SEQUENCE_OUTPUT} and {POOLED_OUTPUT}. Received: a "
            "SavedModel that is called differently. Encoders before version 3 "
            "of this API took lists: use a later version."
        )
    return functions


def variables_of(functions) -> list:
    """Returns the variables of all functions, each once, in their order."""
    found = {}
    for function in functions:
        for variable in function.variables:
            found.setdefault(variable.ref(), variable)
    return list(found.values())


def length_of(function) -> int | None:
    """Returns the only length of sequences that a function takes, if any."""
    return function.structured_input_signature[0][0][INPUT_WORD_IDS].shape[1]


def _inputs(function) -> set[str]:
    arguments = function.structured_input_signature[0]
    first = arguments[0] if arguments else None
    return set(first) if isinstance(first, dict) else set()
