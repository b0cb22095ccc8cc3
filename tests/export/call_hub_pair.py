"""Calls an encoder and a preprocessor of the TF Hub text API, by themselves.

    python -I call_hub_pair.py ENCODER PREPROCESSOR QUESTIONS.npz ANSWERS.npz

QUESTIONS has `texts` and `texts_b` (bytes) and `masked_lm_positions`.
"""

import sys

import numpy as np
import tensorflow as tf
import tensorflow_text  # noqa: F401  brings the operations of tokenizers


def main(encoder_folder, preprocessor_folder, questions, answers):
    encoder = tf.saved_model.load(encoder_folder)
    preprocessor = tf.saved_model.load(preprocessor_folder)
    assert "bert_keras" not in sys.modules
    asked = np.load(questions)
    texts = tf.constant(asked["texts"])
    ids = preprocessor.tokenize(texts)
    ids_b = preprocessor.tokenize(tf.constant(asked["texts_b"]))
    pairs = preprocessor.bert_pack_inputs([ids, ids_b], seq_length=9)
    with_offsets = preprocessor.tokenize_with_offsets(texts)
    rows = preprocessor(texts)
    encoded = encoder(rows)
    guessed = encoder.mlm(
        rows | {"masked_lm_positions": asked["masked_lm_positions"]}
    )
    lively = [encoder(rows, training=True) for _ in range(2)]
    np.savez(
        answers,
        pieces=ids.flat_values,
        pieces_of_word=ids.values.row_lengths(),
        words_of_text=ids.row_lengths(),
        offsets=np.stack([each.flat_values for each in with_offsets]),
        offsets_per_text=with_offsets[1].merge_dims(1, 2).row_lengths(),
        **{f"pair_{name}": value for name, value in pairs.items()},
        **{f"row_{name}": value for name, value in rows.items()},
        **{k: v for k, v in encoded.items() if k != "encoder_outputs"},
        encoder_outputs=np.stack(encoded["encoder_outputs"]),
        mlm_logits=guessed["mlm_logits"],
        lively=np.stack([each["pooled_output"] for each in lively]),
        mlm_names=sorted(guessed),
        special=[
            f"{name}={value.numpy()}"
            for name, value in sorted(
                preprocessor.tokenize.get_special_tokens_dict().items()
            )
        ],
        vocabulary=[
            tf.io.read_file(each.vocab_file.asset_path).numpy()
            for each in (encoder, preprocessor)
        ],
        do_lower_case=encoder.do_lower_case,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
