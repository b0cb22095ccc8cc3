"""What a task is apart from its network: its options, and the data it reads.

    options -> checked; source -> read -> examples -> checked

Each task of `bert_keras.tasks` is built on the spec of its kind. Nothing here
imports TensorFlow, so the command line reports what is wrong with an option, a
file, a column or a label before it spends seconds on that import.
"""

from bert_keras.task_specs.classifier import BALANCES, ClassifierSpec
from bert_keras.task_specs.embedder import OBJECTIVES, EmbedderSpec
from bert_keras.task_specs.long_text import TRUNCATE, check_long_text
from bert_keras.task_specs.masked_lm import MaskedLmSpec
from bert_keras.task_specs.multi_task import check_multi_task
from bert_keras.task_specs.pooled import PooledSpec, check_pooling
from bert_keras.task_specs.question_answerer import QuestionAnswererSpec
from bert_keras.task_specs.regressor import RegressorSpec
from bert_keras.task_specs.search_space import (
    DEFAULT_SPACE,
    check_space,
    fixed_of,
    propose,
    require_optuna,
    split_settings,
)
from bert_keras.task_specs.spec import TaskSpec
from bert_keras.task_specs.tagger import TaggerSpec

SPECS: dict[str, type[TaskSpec]] = {
    spec.kind: spec
    for spec in (
        ClassifierSpec,
        RegressorSpec,
        TaggerSpec,
        EmbedderSpec,
        QuestionAnswererSpec,
        MaskedLmSpec,
    )
}

__all__ = [
    "BALANCES",
    "DEFAULT_SPACE",
    "OBJECTIVES",
    "SPECS",
    "TRUNCATE",
    "ClassifierSpec",
    "EmbedderSpec",
    "MaskedLmSpec",
    "PooledSpec",
    "QuestionAnswererSpec",
    "RegressorSpec",
    "TaggerSpec",
    "TaskSpec",
    "check_long_text",
    "check_multi_task",
    "check_pooling",
    "check_space",
    "fixed_of",
    "propose",
    "require_optuna",
    "split_settings",
]
