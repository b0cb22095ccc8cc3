"""Restore: put tensors into variables, all of them or none."""

import logging
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

logger = logging.getLogger(__name__)

# Checkpoints of masked language models have no pooler, which serves the whole
# text and not its tokens: it counts as a head.
FRESH_ALLOWED = ("pooler/",)
_SLICE = 8 << 20  # bytes that are assigned at once
_LISTED = 20  # weights that an error lists of each kind


class RestoreError(ValueError):
    """Tensors and variables that do not fit; nothing was changed."""


def restore(
    variables: Mapping, tensors: Mapping, *, source: str | Path
) -> list[str]:
    """Assigns each tensor to the variable of its name.

    Everything is checked before anything is assigned, so that a failure
    leaves the variables as they were. The pooler alone may be missing, if all
    of it is: its fresh values stay, and a warning says so.

    Args:
        variables: Keras variables by name.
        tensors: Arrays by name, or anything with a `shape` that
            `np.asarray` reads; one at a time is held in memory.
        source: Where the tensors come from, for messages.

    Returns:
        Names of variables that kept their fresh values.

    Raises:
        RestoreError: With all missing, unused, wrongly shaped and not finite
            weights.

    Example:
        >>> import keras
        >>> variables = {"kernel": keras.Variable([[0.0, 0.0]])}
        >>> tensors = {"kernel": np.array([[1.0, 2.0]])}
        >>> restore(variables, tensors, source="my.safetensors")
        []
        >>> variables["kernel"].numpy().tolist()
        [[1.0, 2.0]]
    """
    fresh = _fresh(variables, tensors)
    problems = _problems(variables, tensors, fresh)
    if not any(problems.values()):
        problems = {"not finite (NaN or infinite)": _not_finite(tensors)}
    if any(problems.values()):
        raise RestoreError(_message(source, problems))
    if fresh:
        logger.warning(
            "%s has no %s: it starts from random values and means nothing "
            "until it is trained.",
            source,
            ", ".join(fresh),
        )
    for name, tensor in tensors.items():
        _assign(variables[name], np.asarray(tensor))
    return fresh


def _assign(variable, values: np.ndarray) -> None:
    """Assigns values, on TensorFlow a large table slice by slice.

    TensorFlow would copy a whole one twice before it drops what was there,
    and the table of words is a fifth of a BERT encoder.
    """
    stored = variable.value
    if values.nbytes <= _SLICE or not hasattr(stored, "handle"):
        variable.assign(values)
        return
    import tensorflow as tf

    rows = max(1, _SLICE // values[0].nbytes)
    for start in range(0, len(values), rows):
        part = tf.cast(values[start : start + rows], stored.dtype)
        tf.raw_ops.ResourceStridedSliceAssign(
            ref=stored.handle,
            begin=[start],
            end=[start + len(part)],
            strides=[1],
            value=part,
        )
    # Whoever is updated in parts is copied whole by everyone who reads it,
    # each step of a training anew, until this is called.
    tf.raw_ops.DisableCopyOnRead(resource=stored.handle)


def _fresh(variables: Mapping, tensors: Mapping) -> list[str]:
    missing = [name for name in variables if name not in tensors]
    return [
        name
        for prefix in FRESH_ALLOWED
        if not any(name.startswith(prefix) for name in tensors)
        for name in missing
        if name.startswith(prefix)
    ]


def _problems(
    variables: Mapping, tensors: Mapping, fresh: Iterable[str]
) -> dict[str, list[str]]:
    both = [name for name in variables if name in tensors]
    shapes = {
        name: (tuple(variables[name].shape), tuple(tensors[name].shape))
        for name in both
    }
    return {
        "missing in the file": sorted(
            set(variables) - set(tensors) - set(fresh)
        ),
        "unused from the file": sorted(set(tensors) - set(variables)),
        "of another shape": [
            f"{name}: expected {ours}, received {theirs}"
            for name, (ours, theirs) in shapes.items()
            if ours != theirs
        ],
    }


def _not_finite(tensors: Mapping) -> list[str]:
    # NaN and infinity survive min and max, which need no second array as
    # np.isfinite of all values would.
    values = ((name, np.asarray(tensor)) for name, tensor in tensors.items())
    return [
        name
        for name, array in values
        if array.size
        and not (np.isfinite(array.min()) and np.isfinite(array.max()))
    ]


def _message(source: str | Path, problems: dict[str, list[str]]) -> str:
    lines = [f"The weights of {source} do not fit; nothing was loaded."]
    for kind, names in problems.items():
        if names:
            lines.append(f"{len(names)} {kind}:")
            lines += [f"  {name}" for name in names[:_LISTED]]
        if len(names) > _LISTED:
            lines.append(f"  and {len(names) - _LISTED} more")
    return "\n".join(lines)
