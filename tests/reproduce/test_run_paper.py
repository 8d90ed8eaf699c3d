"""The command from end to end on a tiny configuration."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TINY = (
    "epochs=2",
    "epoch_pairs=64",
    "num_pairs=64",
    "num_distortions=1",
    "num_validation_pairs=64",
    "num_test_pairs=64",
    'encoder_options={"filters": [4, 4, 4, 4], "units": 8}',
)


def run(tmp_path, *arguments, settings=TINY):
    """Run the command in a process of its own."""
    command = [sys.executable, str(ROOT / "reproduce" / "run_paper.py"), "--preset", "quick"]
    command += ["--runs", str(tmp_path / "runs"), "--output", str(tmp_path / "result.json")]
    for setting in settings:
        command += ["--set", setting]
    return subprocess.run([*command, *arguments], capture_output=True, text=True, cwd=tmp_path)


@pytest.mark.slow
def test_it_trains_scores_writes_and_resumes(tmp_path):
    done = run(tmp_path)
    assert done.returncode == 0, done.stderr
    result = json.loads((tmp_path / "result.json").read_text())
    for name in (
        "table", "cell", "metric", "value", "interval", "n", "seed", "protocol", "size", "config",
        "data", "hardware", "seconds", "versions", "commit",
    ):  # fmt: skip
        assert name in result
    assert result["n"] == 400
    assert result["interval"][0] <= result["value"] <= result["interval"][1]
    assert f"{result['value']:.2%}" in done.stdout
    again = run(tmp_path, "--resume")
    repeated = json.loads((tmp_path / "result.json").read_text())
    assert again.returncode == 0
    assert "Epoch" not in again.stdout
    assert repeated["value"] == result["value"]
    other = run(tmp_path, "--resume", settings=[*TINY, "learning_rates=0.2"])
    assert other.returncode == 1
    assert other.stderr.strip().splitlines()[-1].startswith("run_paper: The run in")


@pytest.mark.slow
def test_validation_only_leaves_the_test_unread(tmp_path):
    done = run(tmp_path, "--validate-only")
    assert done.returncode == 0, done.stderr
    result = json.loads((tmp_path / "result.json").read_text())
    assert result["other_results"] == []
    assert result["cell"] == "validation"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--preset", "huge"], "--preset must be one of quick, cpu, paper"),
        (["--set", "epoch=3"], "Unknown setting epoch"),
        (["--set", 'learning_rates={"conv9": 0.1}'], "conv9"),
    ],
)
def test_bad_requests_are_answered_in_one_line(tmp_path, arguments, message):
    done = run(tmp_path, *arguments)
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "result.json").exists()


@pytest.mark.slow
def test_ctrl_c_leaves_a_run_that_goes_on(tmp_path):
    long = [setting for setting in TINY if not setting.startswith("epochs")] + ["epochs=500"]
    command = [sys.executable, str(ROOT / "reproduce" / "run_paper.py"), "--preset", "quick"]
    command += ["--runs", str(tmp_path / "runs"), "--output", str(tmp_path / "result.json")]
    for setting in long:
        command += ["--set", setting]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path
    )
    for line in process.stdout:
        if line.startswith("Epoch 3/"):
            process.send_signal(signal.SIGINT)
            break
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 130, errors
    assert "--resume" in errors
    assert "Traceback" not in errors
    assert not (tmp_path / "result.json").exists()
    resumed = run(tmp_path, "--resume", settings=[*long[:-1], "epochs=4"])
    assert resumed.returncode == 0, resumed.stderr
    assert "Epoch 1/" not in resumed.stdout
