"""The modules by which sentence-transformers makes a vector of a text."""

from pathlib import Path

from bert_keras.checkpoints.readers.sentence_transformers import (
    POOLINGS,
    SentenceSettings,
)
from bert_keras.config import BertConfig
from bert_keras.export.writers.files import write_json

# Each step by its class in the library, and its folder.
_STEPS = {
    "Transformer": "",
    "Pooling": "1_Pooling",
    "Normalize": "2_Normalize",
}


def write_sentence(
    settings: SentenceSettings, config: BertConfig, folder: Path
) -> None:
    """Writes `modules.json` and what it names.

    Args:
        settings: How a text becomes a vector.
        config: Of the encoder, for its width.
        folder: Where the encoder's `config.json` is.
    """
    steps = settings.steps or _steps(settings)
    write_json(
        folder / "modules.json",
        [
            {
                "idx": number,
                "name": str(number),
                "path": _STEPS[step],
                "type": f"sentence_transformers.models.{step}",
            }
            for number, step in enumerate(steps)
        ],
    )
    limits = {"do_lower_case": settings.lower_first}
    if settings.max_length is not None:
        limits["max_seq_length"] = settings.max_length
    write_json(folder / "sentence_bert_config.json", limits)
    if settings.pooling:
        write_json(
            folder / _STEPS["Pooling"] / "config.json",
            _pooling(settings.pooling, config.hidden_size),
        )
    if settings.normalize:
        (folder / _STEPS["Normalize"]).mkdir()


def _steps(settings: SentenceSettings) -> tuple[str, ...]:
    asked = {"Pooling": settings.pooling, "Normalize": settings.normalize}
    return ("Transformer", *(step for step, is_set in asked.items() if is_set))


def _pooling(pooling: str, width: int) -> dict:
    chosen = pooling.split("+")
    return {
        "word_embedding_dimension": width,
        **{key: name in chosen for key, name in POOLINGS.items()},
    }
