"""What is wrong is said before TensorFlow is imported, which takes seconds.

All commands run in one process in which that import fails. A test of the time
itself would fail on a busy machine.
"""

import json
import subprocess
import sys

import pytest
from tiny_task import SCORES, SINGLE, write_tsv

PROGRAM = """
import contextlib, io, json, sys

sys.modules["tensorflow"] = None  # makes its import raise ImportError
from bert_keras.cli.main import main

ended = []
for arguments in json.load(sys.stdin):
    sys.argv = ["bert-keras", *arguments]
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
        try:
            main()
            code = 0
        except SystemExit as error:
            code = error.code
        except ImportError as error:
            code = str(error)
    ended.append([code, said.getvalue()])
json.dump(ended, sys.stdout)
"""
TRAIN = "train classifier --train train.tsv --dev dev.tsv --out run"
TUNE = TRAIN.replace("train ", "tune ", 1)
FOLDS = "cross-validate classifier --data train.tsv --out run"
PLAN = "train multi-task plan.toml --out run --encoder encoder"
HANDLE = "--encoder encoder"
# What is typed, and what the message says.
WRONG = {
    # files
    f"{TRAIN} {HANDLE} --train no.tsv": "no.tsv: Expected a file",
    f"{TRAIN} {HANDLE} --dev no.tsv": "no.tsv: Expected a file",
    f"{FOLDS} {HANDLE} --data no.tsv": "no.tsv: Expected a file",
    f"{TUNE} {HANDLE} --dev no.tsv": "no.tsv: Expected a file",
    "train qa --train no.json --out run --encoder encoder": "no.json",
    "train masked-lm --train no.txt --out run --encoder encoder": "no.txt",
    "evaluate task no.tsv": "no.tsv: Expected a file",
    "predict task --input no.tsv": "no.tsv: Expected a file",
    "predict task": "Received neither",
    "train multi-task no.toml --out run --encoder encoder": "no.toml",
    # columns
    f"{TRAIN} {HANDLE} --text-column texts": "Did you mean 'text'?",
    f"{FOLDS} {HANDLE} --label-column lable": "Did you mean 'label'?",
    f"{TUNE} {HANDLE} --text-column texts": "Did you mean 'text'?",
    "evaluate task dev.tsv --label-column lable": "Did you mean 'label'?",
    "predict task --input dev.tsv --text-column texts": "'text'?",
    "train tagger --train train.tsv --out run --encoder encoder": "train.tsv",
    # labels
    f"{TRAIN} {HANDLE} --labels pos,good": "unknown label 'neg'",
    f"{TRAIN} {HANDLE} --dev stars.tsv": "stars.tsv",
    "evaluate task stars.tsv": "unknown label",
    "train regressor --train train.tsv --out run --encoder encoder": "'pos'",
    "train embedder --train stars.tsv --out run --encoder encoder": "pairs",
    # options
    f"{TRAIN} {HANDLE} --pooling median": "pooling='median'",
    f"{TRAIN} {HANDLE} --stride 5": "`stride`",
    f"{TRAIN} {HANDLE} --learning-rate -1": "learning_rate=-1",
    f"{TRAIN} {HANDLE} --precision float16": "'float16'",
    f"{TRAIN} {HANDLE} --augment 1 --augment-ways turn": "'turn'",
    f"{TRAIN} {HANDLE} --augment 1 --augment-model gone": "'gone'",
    f"{FOLDS} {HANDLE} --warmup-ratio 2": "warmup_ratio=2",
    f"{TUNE} {HANDLE} --space depth=2": "'depth'",
    f"{TUNE} {HANDLE} --space pooling=cls,median": "'median'",
    "train qa --train t --out run --encoder encoder --threshold 2": "threshold",
    "train masked-lm --train t --out run --encoder e --mask-rate 1": "0.15",
    f"{PLAN} --monitor-task mood": "`monitor_task`",
    f"{PLAN} --patience 1": "patience=1",
    "export task out --precision int4": "'int4'",
    "convert encoder out --format hubb": "'hubb'",
    # handles and folders
    f"{TRAIN} --encoder nowhere": "'nowhere'",
    f"{TRAIN} --encoder pkg://nothing/model": "'nothing'",
    f"{TRAIN} --encoder .": "Expected a checkpoint in",
    f"{TRAIN} {HANDLE} --preprocessor nowhere": "'nowhere'",
    f"{FOLDS} --encoder nowhere": "'nowhere'",
    f"{TUNE} --encoder nowhere": "'nowhere'",
    PLAN.replace("encoder encoder", "encoder nowhere"): "'nowhere'",
    "evaluate nowhere dev.tsv": "Expected a task folder",
    "predict nowhere text": "Expected a task folder",
    "score nowhere text": "'nowhere'",
    "export nowhere out": "'nowhere'",
    "convert nowhere out --format hub": "'nowhere'",
    "inspect nowhere": "'nowhere'",
    "index nowhere dev.tsv out": "Expected a task folder",
    "index task dev.tsv out": "Expected an embedder",
}
RIGHT = f"{TRAIN} {HANDLE}"


@pytest.fixture(scope="module")
def ended(tmp_path_factory, tiny_checkpoint):
    """How each command ended: its code and what it wrote."""
    folder = tmp_path_factory.mktemp("typed")
    write_tsv(folder / "train.tsv", SINGLE)
    write_tsv(folder / "dev.tsv", SINGLE)
    write_tsv(folder / "stars.tsv", SCORES)
    (folder / "encoder").symlink_to(tiny_checkpoint)
    (folder / "task").mkdir()
    (folder / "task" / "task.json").write_text(
        '{"task": "classifier", "problem": {"labels": ["neg", "pos"]}}'
    )
    (folder / "task" / "model.safetensors").touch()
    (folder / "plan.toml").write_text(
        '[mood]\ntask = "classifier"\ntrain = "train.tsv"\n'
        '[stars]\ntask = "regressor"\ntrain = "stars.tsv"\n'
    )
    commands = [*WRONG, RIGHT]
    finished = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps([command.split() for command in commands]),
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
    )
    assert not (folder / "run").exists()
    return dict(zip(commands, json.loads(finished.stdout), strict=True))


@pytest.mark.parametrize("command", WRONG)
def test_what_is_wrong_is_said_at_once(ended, command):
    code, said = ended[command]
    assert code == 2, said
    assert WRONG[command] in said
    assert said.count("error: ") == 1


def test_what_is_right_imports_tensorflow(ended):
    code, _ = ended[RIGHT]
    assert "tensorflow" in code
