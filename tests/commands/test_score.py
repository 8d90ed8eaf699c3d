"""`keras-siamese score`: the lists of a protocol, and files of any network scored on it."""

import csv
import io
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from keras_siamese import data
from keras_siamese.data.omniglot_protocols import PROTOCOL_NAMES
from tests.data.stand_ins import (
    ANSWERS,
    FILES,
    glyphs,
    lake_files,
    one_shot_protocol,
    verification_protocol,
    write_zip,
)


@pytest.fixture
def runs(tmp_path, accept_stand_in_runs):
    """A folder with stand-ins for the official runs."""
    folder = tmp_path / "data"
    folder.mkdir()
    write_zip(folder / "all_runs.zip", lake_files())
    return folder


@pytest.fixture
def small(monkeypatch):
    """Glyphs as the evaluation set, for trials and pairs that are drawn."""
    asked = []

    def load(name, *, n_way=5, n_shot=1, part=None, data_dir=None):
        asked.append((name, n_way, n_shot, part))
        if name == "verification":
            protocol = verification_protocol(40, 40, name=name)
            return replace(protocol, alphabets=("a",) * 10 + ("b",) * 30)
        return one_shot_protocol(
            name, num_episodes=30, n_way=min(n_way, 5), n_shot=n_shot, protocol=name
        )

    monkeypatch.setattr(data, "load_protocol", load)
    return asked


def right_scores():
    return np.eye(20)[ANSWERS.reshape(-1)]


def test_the_list_goes_back_with_scores(run, answer, runs, tmp_path):
    trials, images = tmp_path / "trials.csv", tmp_path / "images.csv"
    listing = ("score", "list", "official", "--data-dir", runs)
    said = run(*listing, "--to", trials, "--images", images).stdout.splitlines()
    assert said == [f"wrote {trials}: 8,000 rows of trials", f"wrote {images}: 800 rows of images"]
    assert run(*listing).stdout == trials.read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(trials.read_text(encoding="utf-8"))))
    assert rows[20]["query"] == "run01/test/item02.png"
    assert rows[21]["support"] == "run01/training/class02.png"
    # The answers are not in the list.
    assert set(rows[0]) == {"trial", "run", "alphabet", "query", "candidate", "support"}
    names = images.read_text(encoding="utf-8").split()
    assert names[:2] == ["file", "run01/training/class01.png"] and len(names) == 801
    scores = right_scores().reshape(-1)
    with open(tmp_path / "scored.csv", "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow([*rows[0], "score"])
        table.writerows([*row.values(), score] for row, score in zip(rows, scores, strict=True))
    said = answer("score", "official", tmp_path / "scored.csv", "--data-dir", runs)
    assert (said["correct"], said["n"], said["ties"], said["accuracy"]) == (400, 400, 0, 1.0)
    assert said["holds"] == "scores" and said["metric"] is None
    assert said["per_run"][0] == ["Atlantean", 20, 20] and len(said["per_run"]) == 20
    assert said["per_group"]["Tibetan"] == [40, 40]


def test_the_accuracy_is_printed_by_run(run, runs, tmp_path):
    scores = right_scores()
    scores[:3] = 0
    np.save(tmp_path / "a.npy", scores)
    lines = run("score", "official", tmp_path / "a.npy", "--data-dir", runs).stdout.splitlines()
    assert lines[0] == f"{tmp_path / 'a.npy'} (scores) on official, 20-way 1-shot"
    assert lines[1].startswith("accuracy 99.2 % (") and lines[1].endswith("397 of 400 correct")
    assert lines[2] == "ties, counted as errors: 3"
    assert lines[3] == "  run 01   17 of 20  Atlantean"
    assert len(lines) == 23


def test_distances_given_as_scores_are_noticed(run, runs, tmp_path):
    np.save(tmp_path / "a.npy", -right_scores())
    result = run("score", "official", tmp_path / "a.npy", "--data-dir", runs)
    assert "below chance" in result.stderr and "negate distances" in result.stderr


def test_embeddings_need_a_metric(run, answer, runs, tmp_path):
    pixels = data.official_runs(data_dir=runs, size=35).images.reshape(800, -1)
    np.save(tmp_path / "a.npy", pixels)
    options = ("score", "official", tmp_path / "a.npy", "--data-dir", runs)
    stderr = run(*options, code=1).stderr
    assert "--metric must be one of" in stderr and "Received: none" in stderr
    assert "--metric must be one of" in run(*options, "--metric", "l3", code=1).stderr
    said = answer(*options, "--metric", "l2")
    assert (said["holds"], said["metric"]) == ("embeddings", "l2")
    np.save(tmp_path / "a.npy", right_scores())
    assert "--metric must be for emb" in run(*options, "--metric", "l1", code=1).stderr


def test_pairs_and_drawn_trials_are_printed_by_alphabet(run, answer, small, tmp_path):
    embeddings = glyphs().images.reshape(len(FILES), -1)
    np.savez(tmp_path / "a.npz", files=FILES, embeddings=embeddings)
    file = (tmp_path / "a.npz", "--metric", "cosine")
    lines = run("score", "verification", *file).stdout.splitlines()
    assert lines[0].endswith("(embeddings, cosine) on verification")
    assert lines[2].startswith("threshold 0.") and lines[2].endswith(" %")
    assert [line.split()[-1] for line in lines[3:]] == ["a", "b"]
    said = answer("score", "verification", *file)
    assert said["n"] == 40 and said["per_group"]["a"][1] == 10
    lines = run("score", "within-alphabet", *file, "--n-way", 4, "--n-shot", 2).stdout.splitlines()
    assert lines[0].endswith("within-alphabet, 4-way 2-shot") and len(lines) == 5
    lines = run("score", "across-alphabets", *file).stdout.splitlines()
    assert lines[-1].endswith("all alphabets")
    assert small[-2:] == [("within-alphabet", 4, 2, None), ("across-alphabets", 20, 1, None)]
    run("score", "across-alphabets", *file, "--part", "test")
    assert small[-1] == ("across-alphabets", 20, 1, "test")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["list", "lake"], f"PROTOCOL must be one of {', '.join(PROTOCOL_NAMES)}. Received"),
        (["list", "official", "--n-way", 5], "--n-way and --n-shot must be for trials"),
        (["list", "official", "--part", "test"], "--part must be for trials that are drawn"),
        (["within-alphabet", "a.npz", "--part", "all"], "--part must be one of"),
        (["list", "official", "--to", "trials.txt"], "--to must end in .csv"),
        (["list", "official", "--images", "no/folder.csv"], "--images must be in a folder"),
        (["official", "nothing.npz"], "which is not there"),
    ],
)
def test_requests_that_do_not_fit_are_refused(run, runs, arguments, said):
    stderr = run("score", *arguments, "--data-dir", runs, code=1).stderr
    assert said in stderr and len(stderr.splitlines()) == 1


def test_a_list_that_exists_is_not_replaced(run, runs, tmp_path):
    out = tmp_path / "trials.csv"
    out.write_text("mine")
    options = ("score", "list", "official", "--data-dir", runs, "--to", out)
    assert "--to must not exist yet" in run(*options, code=1).stderr
    assert out.read_text() == "mine"
    run(*options, "--overwrite")
    assert out.read_text().startswith("trial,run")


@pytest.mark.parametrize("other", ["trials.csv", "x/../trials.csv", "link.csv"])
def test_two_lists_need_two_files(run, runs, tmp_path, other):
    (tmp_path / "x").mkdir()
    (tmp_path / "link.csv").symlink_to(tmp_path / "trials.csv")
    options = ("score", "list", "official", "--data-dir", runs, "--overwrite")
    trials = tmp_path / "trials.csv"
    stderr = run(*options, "--to", trials, "--images", tmp_path / other, code=1).stderr
    assert "--to and --images must be two files. Received: both are" in stderr
    assert not trials.exists()


def test_another_archive_is_refused(run, tmp_path):
    write_zip(tmp_path / "all_runs.zip", lake_files())
    np.save(tmp_path / "a.npy", np.ones((400, 20)))
    stderr = run("score", "official", tmp_path / "a.npy", "--data-dir", tmp_path, code=1).stderr
    assert "must hold Lake's official runs" in stderr
    run("score", "nonsense", tmp_path / "a.npy", code=2)


@pytest.mark.data
def test_scoring_needs_no_tensorflow(data_dir, tmp_path):
    np.save(tmp_path / "a.npy", np.eye(400, 20))
    script = (
        "import sys, keras_siamese_command\n"
        "try: keras_siamese_command.main()\n"
        "except SystemExit as end: code = end.code\n"
        "print(code, *({'tensorflow', 'keras'} & set(sys.modules)), file=sys.stderr)"
    )
    file = str(tmp_path / "a.npy")
    done = subprocess.run(
        [sys.executable, "-c", script, "score", "official", file, "--data-dir", str(data_dir)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stderr.splitlines()[-1] == "0"
    assert "on official, 20-way 1-shot" in done.stdout
