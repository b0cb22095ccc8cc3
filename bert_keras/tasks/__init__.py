"""Tasks: what BERT is used for, one file each."""

from bert_keras.tasks.classifier import Classification, TextClassifier
from bert_keras.tasks.embedder import TextEmbedder
from bert_keras.tasks.embedding import Embedding
from bert_keras.tasks.load import TASKS, load_task
from bert_keras.tasks.masked_lm import (
    MaskedLanguageModel,
    MaskedLanguageModeling,
)
from bert_keras.tasks.problem import Problem
from bert_keras.tasks.question_answerer import (
    QuestionAnswerer,
    QuestionAnswering,
)
from bert_keras.tasks.regressor import Regression, TextRegressor
from bert_keras.tasks.tagger import Tagging, TokenTagger
from bert_keras.tasks.task import Task

__all__ = [
    "TASKS",
    "Classification",
    "Embedding",
    "MaskedLanguageModel",
    "MaskedLanguageModeling",
    "Problem",
    "QuestionAnswerer",
    "QuestionAnswering",
    "Regression",
    "Tagging",
    "Task",
    "TextClassifier",
    "TextEmbedder",
    "TextRegressor",
    "TokenTagger",
    "load_task",
]
