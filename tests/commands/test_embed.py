"""`keras-siamese embed`: the embeddings of a folder in a file."""

import csv

import numpy as np
import pytest

from keras_siamese.models.network_files import save_network
from tests.commands.drawings import save, strokes


@pytest.fixture
def pictures(tmp_path):
    """Drawings in a folder and a folder below it; the network's embeddings are their pixels."""
    folder = tmp_path / "pictures"
    drawings = {"a.png": strokes(1), "below/b.png": strokes(2, 5, level=100)}
    for name, pixels in drawings.items():
        save(folder / name, pixels)
    return folder, {str(folder / name): 1 - pixels / 255 for name, pixels in drawings.items()}


def test_npz_holds_the_names_and_embeddings(run, pictures, tmp_path):
    folder, expected = pictures
    out = tmp_path / "out.npz"
    assert run("embed", folder, out).stdout == f"wrote {out}: 2 images, 64 features each\n"
    with np.load(out) as found:
        assert found["files"].tolist() == sorted(expected)
        assert found["embeddings"].dtype == np.float32
        for name, embedding in zip(found["files"], found["embeddings"], strict=True):
            np.testing.assert_allclose(embedding, expected[name].reshape(-1), atol=1e-6)


def test_csv_gives_the_same_numbers(run, answer, pictures, tmp_path):
    folder, _ = pictures
    run("embed", folder, tmp_path / "out.npz")
    said = answer("embed", folder, tmp_path / "out.csv")
    assert (said["images"], said["features"]) == (2, 64) and said["unreadable"] == []
    with open(tmp_path / "out.csv", newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    assert header == ["file", *map(str, range(64))]
    with np.load(tmp_path / "out.npz") as found:
        assert [row[0] for row in rows] == found["files"].tolist()
        numbers = np.array([row[1:] for row in rows], np.float32)
        np.testing.assert_array_equal(numbers, found["embeddings"])
    # As RFC 4180 ends lines.
    assert (tmp_path / "out.csv").read_bytes().count(b"\r\n") == 3


def test_more_images_than_are_held_at_a_time_are_one_file(run, pictures, tmp_path, monkeypatch):
    folder, _ = pictures
    run("embed", folder, tmp_path / "whole.npz")
    monkeypatch.setattr("keras_siamese.commands.embed._HELD", 1)
    run("embed", folder, tmp_path / "parts.npz")
    with np.load(tmp_path / "whole.npz") as whole, np.load(tmp_path / "parts.npz") as parts:
        np.testing.assert_allclose(parts["embeddings"], whole["embeddings"], atol=1e-6)


def test_one_image_and_a_network_of_ones_own(run, pictures, pixel_network, tmp_path):
    folder, _ = pictures
    save_network(pixel_network, tmp_path / "own.keras")
    run("embed", folder / "a.png", tmp_path / "out.npz", "--model", tmp_path / "own.keras")
    with np.load(tmp_path / "out.npz") as found:
        assert found["embeddings"].shape == (1, 64)


def test_unreadable_files_are_all_listed_and_skipped_where_asked(run, answer, pictures, tmp_path):
    folder, _ = pictures
    for name in ("x.png", "y.png"):
        (folder / name).write_text("no image")
    (folder / "notes.txt").write_text("no image")
    out = tmp_path / "out.npz"
    stderr = run("embed", folder, out, code=1).stderr
    assert all(name in stderr for name in ("x.png", "y.png", "notes.txt", "--skip-unreadable"))
    assert not out.exists()
    said = answer("embed", folder, out, "--skip-unreadable")
    assert said["images"] == 2 and len(said["unreadable"]) == 2 and len(said["skipped"]) == 1


@pytest.mark.parametrize("name", ["out.txt", "out", "missing/out.npz"])
def test_a_file_that_could_not_be_written_is_refused_before_the_work(run, pictures, tmp_path, name):
    folder, _ = pictures
    assert "OUT must" in run("embed", folder, tmp_path / name, code=1).stderr


def test_a_file_that_exists_is_replaced_only_where_asked(run, pictures, tmp_path):
    folder, _ = pictures
    out = tmp_path / "out.npz"
    out.write_text("old")
    assert "--overwrite" in run("embed", folder, out, code=1).stderr
    assert out.read_text() == "old"
    run("embed", folder, out, "--overwrite")
    assert np.load(out)["embeddings"].shape == (2, 64)


def test_a_folder_without_images_is_told(run, tmp_path):
    (tmp_path / "nothing").mkdir()
    stderr = run("embed", tmp_path / "nothing", tmp_path / "out.npz", code=1).stderr
    assert "nothing" in stderr and not (tmp_path / "out.npz").exists()
    for command, out in (("embed", "out.npz"), ("index", "out.index")):
        stderr = run(command, tmp_path / "no folder", tmp_path / out, code=1).stderr
        assert "DIR must be a folder of images" in stderr and "not there" in stderr
        assert not (tmp_path / out).exists() and "--skip-unreadable" not in stderr
