"""The run on a GPU, from end to end on the processor, with a tiny budget."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from reproduce import results
from reproduce.paper import gpu_run, packed_weights
from reproduce.paper.paper_network import build_network
from reproduce.paper.presets import load_preset

SETTINGS = [
    'encoder_options={"filters": [4, 4, 4, 8], "units": 16}',
    "num_pairs=200",
    "num_distortions=1",
    "num_validation_pairs=64",
    "num_test_pairs=64",
    "epoch_pairs=64",
    "batch_size=16",
]
NAME = "quick-glyphs-seed0"
ROOT = Path(__file__).resolve().parents[2]


def tiny_run(folder, seconds=1, settings=(), **options):
    """Run it with the settings of a tiny network."""
    gpu_run.main(
        folder,
        seconds=gpu_run.SCORING_SECONDS + seconds,
        preset="quick",
        commit="0123abc",
        set_=[*SETTINGS, *settings],
        **options,
    )


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """A folder after a whole run, and one training to choose a setting."""
    folder = tmp_path_factory.mktemp("gpu")
    tiny_run(folder, choose=["learning_rates=0.1,batch_size=32"], choose_pairs=256)
    return folder


def test_it_writes_speed_curve_and_scores(out):
    result = results.read(out / f"{NAME}.json")
    assert result["commit"] == "0123abc"
    speeds = json.loads((out / "speeds.json").read_text())
    assert speeds["commit"] == "0123abc" and speeds["speeds"] == result["speeds"]
    assert result["speeds"][0]["pairs_per_second"] > 0
    config, training = result["config"], result["training"]
    # The time is over before the second epoch, so the run ends there.
    assert training["epochs"] == 1 < config["epochs"] == 2
    assert not training["finished"]
    assert (1 - config["decay"]) ** (config["epochs"] - 1) == pytest.approx(0.125, abs=1e-3)
    with open(out / f"curve-{NAME}.csv") as file:
        assert len(list(csv.DictReader(file))) == training["epochs"]
    protocols = {entry["protocol"] for entry in (result, *result["other_results"])}
    assert {"within-alphabet", "verification"} <= protocols


def test_what_is_chosen_by_validation_leaves_the_test_unread(out):
    chosen = results.read(out / "choice-gpu-learning_rates-0.1-batch_size-32-seed0.json")
    assert chosen["role"] == "choice"
    assert chosen["other_results"] == []


def test_a_run_may_keep_its_own_length(tmp_path):
    settings = ["epochs=2", "decay=0.25", "ramp_epochs=1"]
    tiny_run(tmp_path, seconds=600, settings=settings, fit=False, weights=False)
    result = results.read(tmp_path / f"{NAME}.json")
    assert result["training"]["epochs"] == 2 and result["training"]["finished"]
    assert (result["config"]["epochs"], result["config"]["decay"]) == (2, 0.25)
    assert result["speeds"] == []
    assert {path.name for path in tmp_path.iterdir()} == {
        f"{NAME}.json",
        f"curve-{NAME}.csv",
        f"figures-{NAME}.json",
    }


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"seconds": 60}, "`seconds` must be a finite number above 60"),
        ({"cell": "150k x8"}, "--preset and --cell"),
        ({"final_rate": 0}, "`final_rate`"),
        ({"choose_pairs": 100}, "`choose_pairs`"),
        ({"try_": ["float16:32"]}, "--try must be PRECISION:BATCH"),
        ({"try_": ["tf32:0"]}, "--try must be PRECISION:BATCH"),
        ({"try_": ["tf32"]}, "--try must be PRECISION:BATCH"),
        ({"set_": ["epochs"]}, "--set must be name=value"),
    ],
)
def test_options_that_do_not_fit_are_told_before_anything_is_written(options, told, tmp_path):
    out = tmp_path / "out"
    with pytest.raises(ValueError, match=told):
        gpu_run.main(out, **{"preset": "quick", **options})
    assert not out.exists()


def test_packed_weights_are_the_networks_up_to_eight_bits(out, monkeypatch, tmp_path):
    config = load_preset("quick").override(encoder_options={"filters": [4, 4, 4, 8], "units": 4096})
    network, again = build_network(config), build_network(config.override(seed=1))
    # Several small files: what can be brought back from another machine is limited.
    monkeypatch.setattr(packed_weights, "LARGE", 10_000)
    monkeypatch.setattr(packed_weights, "PART", 40_000)
    monkeypatch.setattr(packed_weights, "CHUNK", 10_000)
    packed_weights.pack(network, tmp_path, "tiny")
    paths = sorted(tmp_path.glob("weights-tiny-*.npz"))
    assert len(paths) > 1
    packed_weights.unpack(again, paths)
    for ours, packed in zip(network.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_allclose(ours, packed, atol=np.abs(ours).max() / 250 + 1e-12)


def check_whole(folder):
    """Fail if a file is not whole; one that is being written has another name until it is."""
    for path in folder.iterdir():
        if path.suffix == ".partial":
            continue
        if path.suffix == ".json":
            assert json.loads(path.read_text())
        elif path.suffix == ".npz":
            with np.load(path) as arrays:
                assert sum(arrays[name].size for name in arrays.files) > 0
        else:
            assert path.suffix == ".csv"
            text = path.read_text()
            header, *rows = csv.reader(text.splitlines())
            assert text.endswith("\n") and "val_one_shot_accuracy" in header
            assert rows and all(len(row) == len(header) for row in rows)


def test_a_machine_that_disappears_leaves_whole_files(tmp_path):
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from tests.backends import test_gpu_run\n"
        "test_gpu_run.tiny_run(Path(sys.argv[1]))\n"
    )
    out, errors = tmp_path / "out", tmp_path / "errors"
    out.mkdir()
    # A file, for nobody reads a pipe while the files are waited for.
    with open(errors, "w") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-c", code, out],
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            stderr=stderr,
        )
    ends = time.monotonic() + 600
    try:
        # It is stopped as soon as each file is there, and leaves what it would leave if it were
        # killed then. One process serves all four, since each takes many seconds to reach them.
        for pattern in ("speeds.json", "curve-*.csv", f"{NAME}.json", "weights-*.npz"):
            while not any(out.glob(pattern)):
                assert process.poll() is None, errors.read_text()
                assert time.monotonic() < ends, errors.read_text()
                time.sleep(0.001)
            process.send_signal(signal.SIGSTOP)
            check_whole(out)
            process.send_signal(signal.SIGCONT)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == -signal.SIGKILL
    check_whole(out)
