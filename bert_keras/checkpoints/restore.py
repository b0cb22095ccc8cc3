"""Restore: assign tensors to variables, all of them or none."""

import logging
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

logger = logging.getLogger(__name__)

# Checkpoints of masked language models have no pooler: it is for tasks on the
# whole text, and counts as a head here.
FRESH_ALLOWED = ("pooler/",)
_SLICE = 8 << 20  # bytes assigned at once
_LISTED = 20  # weights of each kind that an error lists


class RestoreError(ValueError):
    """Tensors that do not fit the variables; nothing was changed."""


def restore(
    variables: Mapping, tensors: Mapping, *, source: str | Path
) -> list[str]:
    """Assigns each tensor to the variable of its name.

    Everything is checked before anything is assigned, so that a failure
    leaves the variables unchanged. Only the pooler may be missing, as a whole:
    it keeps its initial values, and a warning says so.

    Args:
        variables: Keras variables by name.
        tensors: Arrays by name, or anything with a `shape` that `np.asarray`
            reads; they are held in memory one at a time.
        source: The origin of the tensors, for messages.

    Returns:
        Names of variables that kept their initial values.

    Raises:
        RestoreError: If weights are missing, unused, of another shape or not
            finite; lists them.

    Example:
        >>> import keras
        >>> variables = {"kernel": keras.Variable([[0.0, 0.0]])}
        >>> tensors = {"kernel": np.array([[1.0, 2.0]])}
        >>> restore(variables, tensors, source="my.safetensors")
        []
        >>> variables["kernel"].numpy().tolist()
        [[1.0, 2.0]]
    """
    shapes = {name: tuple(v.shape) for name, v in variables.items()}
    require_shapes(shapes, tensors, source=source)
    fresh = _fresh(variables, tensors)
    problems = {"not finite (NaN or infinite)": _not_finite(tensors)}
    if any(problems.values()):
        raise RestoreError(_message(source, problems))
    if fresh:
        logger.warning(
            "%s has no %s: it is initialized randomly and has to be trained "
            "before use.",
            source,
            ", ".join(fresh),
        )
    for name, tensor in tensors.items():
        _assign(variables[name], np.asarray(tensor))
    return fresh


def require_shapes(
    shapes: Mapping[str, tuple[int, ...]],
    tensors: Mapping,
    *,
    source: str | Path,
) -> None:
    """Raises if tensors do not fit variables that are still to be built.

    A configuration may ask for more memory than there is: what the file holds
    is compared with it first.

    Args:
        shapes: Shapes of the variables by name.
        tensors: As in `restore`.
        source: As in `restore`.

    Raises:
        RestoreError: If weights are missing, unused or of another shape.

    Example:
        >>> require_shapes({"kernel": (1, 2)}, {"kernel": np.zeros([1, 2])},
        ...                source="my.safetensors")
    """
    problems = _problems(shapes, tensors, _fresh(shapes, tensors))
    if any(problems.values()):
        raise RestoreError(_message(source, problems))


def _assign(variable, values: np.ndarray) -> None:
    """Assigns values; with TensorFlow, those of a large table in slices.

    TensorFlow would copy a whole table twice before it frees the old values,
    and the word table is a fifth of a BERT encoder.
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
    # Until this is called, a variable that was assigned in slices is copied
    # whenever it is read, in each training step.
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
    shapes: Mapping[str, tuple[int, ...]],
    tensors: Mapping,
    fresh: Iterable[str],
) -> dict[str, list[str]]:
    return {
        "missing in the file": sorted(set(shapes) - set(tensors) - set(fresh)),
        "unused from the file": sorted(set(tensors) - set(shapes)),
        "of another shape": [
            f"{name}: expected {ours}, received {theirs}"
            for name, ours in shapes.items()
            if name in tensors
            and ours != (theirs := tuple(tensors[name].shape))
        ],
    }


def _not_finite(tensors: Mapping) -> list[str]:
    # NaN and infinity propagate through min and max, which need no second
    # array, unlike np.isfinite of all values.
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
