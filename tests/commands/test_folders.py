"""Folders as people have them, on the command line: one rule, and one way out, in every command."""

import json

import numpy as np
import pytest

from tests.commands.drawings import save, strokes
from tests.data.messy_folders import mess

BAD = ("row1/bad.jpg", "row4/cut.png", "row4/empty.png")


@pytest.fixture
def messy(classes):
    """Class folders among what lies about on people's disks."""
    for old, new in (("row0", "c0"), ("row1", "c1"), ("row2", "c2")):
        (classes / old).rename(classes / new)
    mess(classes)
    return classes


@pytest.fixture
def broken(classes):
    """Class folders with three files that are named as images but are not images."""
    whole = (classes / "row1" / "0.png").read_bytes()
    for name, content in zip(BAD, (b"<html>", whole[:40], b""), strict=True):
        (classes / name).write_bytes(content)
    return classes


@pytest.fixture
def splits(classes, tmp_path):
    """The same classes in train and val."""
    for name in ("train", "val"):
        for file in classes.rglob("*.png"):
            save(tmp_path / "data" / name / file.parent.name / file.name, strokes(1))
    return tmp_path / "data"


@pytest.fixture
def trained(monkeypatch):
    """Takes the place of the training; lists the images that it was given."""
    given = []

    def train(images, **options):
        given.append(images)
        raise ValueError("trained")

    monkeypatch.setattr("keras_siamese.recipes.train_recognizer", train)
    return given


def reading_commands(folder, tmp_path):
    """Every command that reads a folder of classes."""
    query = save(tmp_path / "query.png", strokes(4))
    return {
        "check": ("data", "check", folder, "--size", 8),
        "describe": ("data", "describe", folder, "--size", 8),
        "evaluate": ("evaluate", folder),
        "classify": ("classify", "--support", folder, query),
        "train": ("train", folder, tmp_path / "own.keras", "--size", 8),
    }


def test_every_command_leaves_out_the_same_and_says_so(run, messy, trained, tmp_path):
    told = {}
    for name, arguments in reading_commands(messy, tmp_path).items():
        stderr = run(*arguments, code=1 if name == "train" else 0).stderr
        lines = stderr.splitlines()
        told[name] = [line for line in lines if line.startswith("keras-siamese: left out ")]
    assert len(told["check"]) == 8
    assert len({tuple(lines) for lines in told.values()}) == 1
    said = "\n".join(told["check"])
    for word in ("README.txt", "notes.md", "(no image", r"Icon\r", "@eaDir", "leads nowhere"):
        assert word in said
    assert len(trained[0]) == 24


def test_all_bad_files_are_listed_at_once(run, broken, trained, tmp_path):
    commands = reading_commands(broken, tmp_path)
    for name in ("train", "describe", "evaluate"):
        lines = run(*commands[name], code=1).stderr.splitlines()
        assert len(lines) == 4, lines
        for bad, line in zip(BAD, lines, strict=False):
            assert bad in line
        assert "3 files cannot be read" in lines[-1] and "--skip-unreadable" in lines[-1]
    assert not trained and not (tmp_path / "own.keras").exists()


def test_check_lists_all_bad_files_as_its_result(broken, tmp_path):
    from typer.testing import CliRunner

    from keras_siamese import cli

    result = CliRunner().invoke(cli.app, ["data", "check", str(broken)])
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert len(lines) == 3 and all(line.startswith("BAD ") for line in lines)
    result = CliRunner().invoke(cli.app, ["data", "check", str(broken), "--json"])
    assert result.exit_code == 1
    (status,) = json.loads(result.stdout)
    assert status["detail"] == "3 files cannot be read" and len(status["unreadable"]) == 3


def test_commands_go_on_without_bad_files_when_told(run, broken, trained, tmp_path):
    for name, arguments in reading_commands(broken, tmp_path).items():
        options = () if name == "classify" else ("--skip-unreadable",)
        stderr = run(*arguments, *options, code=1 if name == "train" else 0).stderr
        assert all(bad in stderr for bad in BAD), name
        assert "cannot be read. Replace" not in stderr
    assert len(trained[0]) == 24


def test_one_bad_file_is_one_line(run, classes, trained, tmp_path):
    (classes / "row1" / "bad.jpg").write_text("<html>")
    (line,) = run("train", classes, tmp_path / "own.keras", code=1).stderr.splitlines()
    assert "bad.jpg" in line and line.endswith("Or continue without it: --skip-unreadable.")


def test_a_folder_of_bad_files_alone_lists_them(run, trained, tmp_path):
    for number in range(2):
        path = tmp_path / "all bad" / "a" / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("no image")
    lines = run("train", tmp_path / "all bad", tmp_path / "own.keras", code=1).stderr.splitlines()
    assert ["0.png" in lines[0], "1.png" in lines[1], len(lines)] == [True, True, 3]
    options = (tmp_path / "own.keras", "--skip-unreadable")
    stderr = run("train", tmp_path / "all bad", *options, code=1).stderr
    assert "none of which can" in stderr.splitlines()[-1]


@pytest.mark.slow
def test_splits_are_refused_or_chosen_in_every_command(run, splits, trained, tmp_path):
    for name, arguments in reading_commands(splits, tmp_path).items():
        code = 1
        if name != "check":
            assert "look like parts of one data set" in run(*arguments, code=code).stderr
        code = 1 if name == "train" else 0
        run(*arguments, "--split", "val", code=code)
        run(*arguments, "--split", "all", code=code)
    assert [len(images) for images in trained] == [24, 48]
    assert [len(np.unique(images.character)) for images in trained] == [6, 6]


def test_classes_come_from_names_and_tables(run, answer, trained, tmp_path):
    folder = tmp_path / "flat"
    for row in range(4):
        for number in range(2):
            save(folder / f"row{row}_{number}.png", strokes(row, level=number))
    rows = [f"row{row}_{number}.png,row{row}" for row in range(4) for number in range(2)]
    (folder / "labels.csv").write_text("\n".join(["file,class", *rows]))
    query = save(tmp_path / "query.png", strokes(3, level=15))
    run("train", folder, tmp_path / "x.keras", "--labels", "names", code=1)
    run("train", folder, tmp_path / "x.keras", "--labels", folder / "labels.csv", code=1)
    run(
        "train",
        folder,
        tmp_path / "x.keras",
        "--labels",
        "names",
        "--label-pattern",
        "(...)",
        code=1,
    )
    assert [len(np.unique(images.character)) for images in trained] == [4, 4, 1]
    for option in ("names", "labels.csv"):
        said = answer("classify", "--support", folder, query, "--labels", option)
        assert said["classes"] == ["row0", "row1", "row2", "row3"]
        assert said["results"][0]["class"] == "row3"
        (status,) = answer("data", "check", folder, "--labels", option)
        assert "8 images, 1 alphabets, 4 characters" in status["detail"]


@pytest.mark.parametrize(
    "option",
    [("--labels", "names"), ("--label-pattern", "(.)"), ("--split", "all"), ("--skip-unreadable",)],
)
@pytest.mark.parametrize("command", ["train", "evaluate", "check"])
def test_options_of_folders_are_refused_for_others(run, trained, tmp_path, command, option):
    start = {
        "train": ("train", "glyphs", tmp_path / "own.keras"),
        "evaluate": ("evaluate", "glyphs"),
        "check": ("data", "check", "glyphs"),
    }[command]
    (line,) = run(*start, *option, code=1).stderr.splitlines()
    assert line.startswith(
        f"keras-siamese: {option[0]} must be for a folder of images. Received: 'glyphs'"
    )


def test_folders_of_queries_are_classified(answer, run, classes, tmp_path):
    queries = tmp_path / "queries"
    files = [save(queries / f"{row}.png", strokes(row, level=5)) for row in (3, 1)]
    files += [save(queries / "more" / "deep" / "4.png", strokes(4, level=5))]
    (queries / "notes.txt").write_text("hello")
    (queries / "bad.png").write_text("no image")
    single = save(tmp_path / "single.png", strokes(2, level=5))
    said = answer("classify", "--support", classes, queries, single)
    assert {row["file"]: row["class"] for row in said["results"]} == {
        str(files[0]): "row3",
        str(files[1]): "row1",
        str(files[2]): "row4",
        str(single): "row2",
    }
    assert said["skipped"] == [
        {"file": str(queries / "notes.txt"), "reason": "no image by its name and its first bytes"}
    ]
    (unreadable,) = said["unreadable"]
    assert "bad.png" in unreadable
    stderr = run("classify", "--support", classes, queries, single).stderr
    assert "notes.txt" in stderr and "bad.png" in stderr
    run("classify", "--support", classes, queries, "--strict", code=1)


def test_an_image_named_twice_is_classified_once(answer, classes, tmp_path):
    query = save(tmp_path / "queries" / "1.png", strokes(1))
    assert len(answer("classify", "--support", classes, query, query.parent)["results"]) == 1


def test_supports_of_bad_files_alone_are_listed(run, tmp_path):
    query = save(tmp_path / "1.png", strokes(1))
    for number in range(2):
        path = tmp_path / "known" / f"{number}.png"
        path.parent.mkdir(exist_ok=True)
        path.write_text("no image")
    lines = run("classify", "--support", tmp_path / "known", query, code=1).stderr.splitlines()
    assert ["0.png" in lines[0], "1.png" in lines[1], len(lines)] == [True, True, 3]
