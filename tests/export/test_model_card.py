import pytest

from bert_keras.export import model_card


@pytest.fixture
def manifest():
    return {
        "task": "classifier",
        "inputs": ["text"],
        "handle": "pkg://somewhere/model",
        "encoder": {"num_hidden_layers": 2, "hidden_size": 8},
        "precision": "bfloat16",
        "max_length": 16,
        "truncates": True,
        "problem": {"labels": ["no", "yes"]},
        "metrics": {"accuracy": 0.98765, "confusion_matrix": [[1, 0]]},
    }


def test_the_card_says_what_somebody_needs(manifest):
    card = model_card(manifest)
    assert card.startswith("# A classifier of text\n")
    assert "pkg://somewhere/model: 2 layers of 8" in card
    assert "bfloat16" in card
    assert "| 16 tokens; longer texts are truncated |" in card
    assert "| labels | no, yes |" in card
    assert "| accuracy | 0.9877 |" in card
    assert "confusion_matrix" not in card
    assert '(text=tf.constant(["..."]))' in card


def test_the_example_is_a_program(manifest):
    code = model_card(manifest).split("```python\n")[1].split("```")[0]
    compile(code, "card", "exec")


def test_a_regressor_of_pairs_that_was_not_measured(manifest):
    manifest |= {
        "task": "regressor",
        "inputs": ["text_a", "text_b"],
        "handle": "",
        "problem": {"mean": 0.0},
        "metrics": {},
    }
    card = model_card(manifest)
    assert card.startswith("# A regressor of pairs of texts\n")
    assert "text_a=" in card and "text_b=" in card
    assert "| labels" not in card
    assert "not recorded" in card
    assert "Nothing was measured." in card


def test_a_task_that_reads_in_windows(manifest):
    manifest |= {
        "task": "tagger",
        "inputs": ["text", "predicate"],
        "truncates": False,
    }
    card = model_card(manifest)
    assert card.startswith("# A tagger of text and predicate\n")
    assert "| 16 tokens; longer texts are read in windows |" in card
    assert '(text=tf.constant(["..."]), predicate=tf.constant([0]))' in card


def test_many_labels_are_cut(manifest):
    manifest["problem"]["labels"] = [f"label{i}" for i in range(30)]
    card = model_card(manifest)
    assert "label19 and 10 more |" in card
    assert "label20" not in card
