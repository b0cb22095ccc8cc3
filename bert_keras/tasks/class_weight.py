"""Class weights, as Keras' `fit` takes them."""

import dataclasses
from collections.abc import Mapping

import numpy as np


def weigh_classes(examples, class_weight: Mapping, problem):
    """Returns examples whose sample weights are multiplied by class.

    Args:
        examples: Labelled, each with one class.
        class_weight: A factor for each class, by its label or, as in Keras, by
            its index in the order of the labels. Classes that are not listed
            keep the weight 1.
        problem: The task's problem, which has the labels.

    Raises:
        ValueError: If the task has no classes, a key is not a class, or a
            factor is not a positive number.
    """
    if not isinstance(class_weight, Mapping):
        raise ValueError(
            "Expected `class_weight` to be a dict of label and factor. "
            f"Received: class_weight={class_weight!r}"
        )
    classes = getattr(problem, "classes", None)
    found = None if classes is None else classes(examples)
    if found is None:
        raise ValueError(
            "Expected no `class_weight` for a task without one class per "
            f"example. Received: class_weight={dict(class_weight)!r}. Use "
            "`sample_weight`, a factor for each example."
        )
    factors = np.ones(len(problem.labels), np.float32)
    for number, factor in _numbered(class_weight, problem.labels).items():
        factors[number] = factor
    weights = factors[found]
    if examples.weights is not None:
        weights = weights * examples.weights
    return dataclasses.replace(examples, weights=weights)


def _numbered(class_weight: Mapping, labels: tuple[str, ...]) -> dict:
    """Returns the factors by the index of the class.

    Where labels are digits, such as `1` and `2`, a key could be a label or an
    index: if all keys are labels, they are taken as labels.
    """
    bad = [f for f in class_weight.values() if not _is_factor(f)]
    names = [str(key) for key in class_weight]
    if all(name in labels for name in names):
        numbers = [labels.index(name) for name in names]
    elif all(
        isinstance(key, int | np.integer)
        and 0 <= key < len(labels)
        and str(key) not in labels
        for key in class_weight
    ):
        numbers = [int(key) for key in class_weight]
    else:
        numbers = None
    if numbers is None or bad:
        raise ValueError(
            "Expected `class_weight` to give a positive number for labels of "
            f"{', '.join(labels)}, or for their numbers from 0 to "
            f"{len(labels) - 1}. Received: class_weight={dict(class_weight)!r}"
        )
    return dict(zip(numbers, class_weight.values(), strict=True))


def _is_factor(value) -> bool:
    try:
        return 0 < float(value) < float("inf")
    except (TypeError, ValueError):
        return False
