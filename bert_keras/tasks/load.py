"""Load: from the files of a trained task to the task.

handle -> our task folder or export, or any checkpoint with a trained head
"""

from collections.abc import Mapping
from pathlib import Path

from bert_keras import contract
from bert_keras.checkpoints import (
    CheckpointError,
    RestoreError,
    find_format,
    list_export,
    list_safetensors,
    load_preprocessor,
    newest_version,
    read_checkpoint,
    read_json,
    restore,
)
from bert_keras.digests import check_digests
from bert_keras.encoders import freeze_names
from bert_keras.handles import resolve
from bert_keras.preprocessing import Preprocessor
from bert_keras.tasks.classifier import TextClassifier
from bert_keras.tasks.embedder import TextEmbedder
from bert_keras.tasks.encoder_folder import build_encoder
from bert_keras.tasks.from_checkpoint import build_trained_task
from bert_keras.tasks.masked_lm import MaskedLanguageModel
from bert_keras.tasks.question_answerer import QuestionAnswerer
from bert_keras.tasks.regressor import TextRegressor
from bert_keras.tasks.tagger import TokenTagger
from bert_keras.tasks.task import Task

# If a checkpoint has heads for several tasks, the first of them is loaded.
TASKS = {
    task.problem_class.kind: task
    for task in (
        TextClassifier,
        TextRegressor,
        TokenTagger,
        TextEmbedder,
        QuestionAnswerer,
        MaskedLanguageModel,
    )
}


def load_task(
    folder: str | Path,
    *,
    dtype: str | None = None,
    trust: bool = False,
    max_length: int | None = None,
    **options,
) -> Task:
    """Loads a trained task.

    The folder was written by `Task.save` or by a training run, or is an
    exported version, or any checkpoint with a trained head that one of the
    tasks has too, such as a folder of `BertForSequenceClassification`. The
    task predicts, evaluates and exports at once, and can be trained further.

    Args:
        folder: A run's folder, or any other handle.
        dtype: Keras dtype policy; `None` takes Keras' global one.
        trust: Whether an encoder that is a SavedModel may do more than
            compute; see `load_encoder`.
        max_length: Tokens per sequence. `None` takes what the task was
            trained with, or 128 where the files do not say.
        **options: Arguments of the task's problem, such as `pair=True` for a
            checkpoint that was trained on pairs, which its files do not say.

    Raises:
        UntrustedModel: If its encoder does more than compute.
        DigestError: If a file is not the one that was saved.
        HandleError: If there is nothing at the handle.
        CheckpointError: If it is not a BERT checkpoint with such a head.
        RestoreError: If weights are missing, unknown or of another shape.
        ValueError: If the folder holds no finished task.

    Example:
        >>> load_task("runs/sst2").predict(["a charming film"])[0]["label"]
        'positive'
    """
    path = newest_version(resolve(folder))
    path = path if path.is_dir() else path.parent
    kind = find_format(path)
    if kind not in ("bert_keras", "bert_keras-export"):
        return _open_trained_head(
            folder,
            dtype=dtype,
            max_length=max_length,
            trust=trust,
            **options,
        )
    if options or max_length is not None:
        raise ValueError(
            "Expected no `max_length` and no options for a saved task, which "
            f"is loaded as it was trained. Received: {path} and "
            f"{', '.join([*options, 'max_length'])}"
        )
    if kind == "bert_keras":
        source = path / contract.TASK_CONFIG
        check_digests(source, read_json(source).get("digests"))
        tensors = list_safetensors(path / contract.WEIGHTS)
        preprocessor = Preprocessor.load(path)
    else:
        source = path / contract.EXPORT_MANIFEST
        values = read_json(source)
        preprocessor = load_preprocessor(
            path,
            max_length=values["max_length"],
            special_tokens_in_text=values.get("special_tokens_in_text", False),
        )
        tensors = list_export(path)
    task = _build(source, preprocessor, tensors, dtype=dtype, trust=trust)
    restore(task.network.named_variables, tensors, source=path)
    task.trained = True
    return task


def _open_trained_head(handle: str | Path, **options) -> Task:
    """Builds the first task for which a checkpoint has a head."""
    contents = read_checkpoint(handle)
    for task_class in TASKS.values():
        head = task_class.problem_class.trained_head(contents)
        if head is not None:
            return build_trained_task(
                task_class, contents, head, handle=handle, **options
            )
    raise CheckpointError(
        f"Expected a trained task, or a checkpoint with the head of one: "
        f"{', '.join(TASKS)}. Received: {handle}, whose heads are "
        f"{', '.join(contents.heads) or 'none'}. Build a task on its encoder "
        "and train it, e.g. TextClassifier.from_handle(handle). If a training "
        "was interrupted here, run the same training command again."
    )


def _build(
    source: Path,
    preprocessor: Preprocessor,
    tensors: Mapping,
    *,
    dtype,
    trust: bool,
) -> Task:
    """Builds a task from its description, without its trained weights."""
    values = read_json(source)
    kind = values["task"]
    if kind not in TASKS:
        raise ValueError(
            f"{source}: Expected one of the tasks {', '.join(TASKS)}. "
            f"Received: {kind!r}. It may have been written by a later release "
            "of bert_keras: upgrade this one."
        )
    _check_sizes(values, tensors, source)
    encoder = build_encoder(
        values["encoder"], source.parent, tensors, dtype=dtype, trust=trust
    )
    if values["lora_rank"] is not None:
        encoder.enable_lora(values["lora_rank"])
    if values["frozen"]:
        freeze_names(encoder, values["frozen"])
    task = TASKS[kind](
        encoder,
        preprocessor,
        TASKS[kind].problem_class(**values["problem"]),
        handle=values["handle"],
    )
    task.metrics = values["metrics"]
    task.long_texts = values.get("long_texts", {})
    return task


def _check_sizes(values: dict, tensors: Mapping, source: Path) -> None:
    """Raises if a description asks for more than the weights have.

    What is built of it could otherwise fill the memory.
    """
    rank = values["lora_rank"]
    ranks = {t.shape[-1] for n, t in tensors.items() if n.endswith("/lora_a")}
    if rank is not None and ranks != {rank}:
        raise RestoreError(
            f"{source}: Expected the rank of its LoRA weights, "
            f"{', '.join(map(str, sorted(ranks))) or 'none'}. Received: "
            f"lora_rank={rank!r}. Restore the file from a copy."
        )
    labels = values["problem"].get("labels") or ()
    bias = tensors.get("head/dense/bias")
    if bias is not None and len(labels) > bias.size:
        raise RestoreError(
            f"{source}: Expected at most {bias.size:,} labels, the outputs of "
            f"its weights. Received: {len(labels):,}. Restore the file from a "
            "copy."
        )
