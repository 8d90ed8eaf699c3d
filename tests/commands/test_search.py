"""`keras-siamese index` and `search`: the images of a folder that are most like one."""

import csv
import io
import sys

import keras
import numpy as np
import pytest

from keras_siamese import EmbeddingIndex, Recognizer, siamese_network
from keras_siamese.models import twin_encoder, twin_head
from tests.commands.drawings import expected_probability, save, strokes


@pytest.fixture
def drawings():
    return {"a.png": strokes(1), "below/b.png": strokes(1, 2, level=90), "c.png": strokes(6)}


@pytest.fixture
def index(run, drawings, tmp_path):
    """An index of three drawings; the network compares their pixels."""
    for name, pixels in drawings.items():
        save(tmp_path / "pictures" / name, pixels)
    out = tmp_path / "pictures.index"
    done = run("index", tmp_path / "pictures", out)
    assert done.stdout == f"wrote {out}: 3 images\n" and done.stderr == ""
    return out


@pytest.fixture
def query(tmp_path):
    return save(tmp_path / "query.png", strokes(1, level=20))


@pytest.fixture
def expected(drawings, tmp_path):
    """Names and probabilities, the most similar first."""
    asked = strokes(1, level=20)
    found = {
        str(tmp_path / "pictures" / name): expected_probability(asked, pixels)
        for name, pixels in drawings.items()
    }
    return sorted(found.items(), key=lambda pair: -pair[1])


def test_the_most_similar_come_first(run, answer, index, query, expected):
    lines = run("search", index, query).stdout.splitlines()
    assert lines == [f"{probability:.4f}  {name}" for name, probability in expected]
    said = answer("search", index, query, "-k", 2)
    assert (said["images"], said["index"], said["image"]) == (3, str(index), str(query))
    assert said["scores"] == "probability"
    assert [row["file"] for row in said["results"]] == [name for name, _ in expected[:2]]
    for row, (_, probability) in zip(said["results"], expected, strict=False):
        assert row["score"] == pytest.approx(probability, rel=1e-4)
    rows = list(csv.DictReader(io.StringIO(run("search", index, query, "--csv").stdout)))
    assert [row["file"] for row in rows] == [name for name, _ in expected]
    assert float(rows[0]["score"]) == said["results"][0]["score"]
    assert "together" in run("search", index, query, "--csv", "--json", code=1).stderr


@pytest.fixture
def in_folder(tmp_path, monkeypatch):
    """The folder of the test, in which the command works."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_image_alone_is_looked_for_in_the_only_index(run, answer, index, query, in_folder):
    assert run("search", query).stdout == run("search", index, query).stdout
    assert answer("search", "query.png")["index"] == "pictures.index"
    (in_folder / "folder.index").mkdir()
    assert answer("search", "query.png")["index"] == "pictures.index"
    index.rename(in_folder / "other.INDEX")
    assert answer("search", "query.png")["index"] == "other.INDEX"


def test_no_index_or_several_are_told(run, index, query, in_folder):
    index.rename(in_folder / "b.index")
    (in_folder / "a.index").write_bytes(b"")
    stderr = run("search", query, code=1).stderr
    assert "INDEX must be named unless the working folder holds exactly one" in stderr
    assert "'a.index', 'b.index' there. Name it first: keras-siamese search INDEX" in stderr
    for file in in_folder.glob("*.index"):
        file.unlink()
    stderr = run("search", query, code=1).stderr
    assert "and none there. Make one: keras-siamese index DIR" in stderr
    for number in range(12):
        (in_folder / f"{number:02}.index").write_bytes(b"")
    assert "'09.index' and 2 more there" in run("search", query, code=1).stderr


def test_a_command_line_without_one_image_is_told(run, index, query):
    assert "Missing argument" in run("search", code=2).stderr
    assert "IMAGE must follow INDEX" in run("search", index, code=2).stderr
    assert "two paths at most" in run("search", index, query, query, code=2).stderr
    assert "INDEX must stand before IMAGE" in run("search", query, index, code=2).stderr


def test_an_index_is_named_for_its_folder(run, tmp_path, in_folder):
    for name in ("deep/v1.5/a.png", "deep/v1.5/b.png", "one.png"):
        save(in_folder / name, strokes(1))
    assert run("index", "deep/v1.5").stdout == "wrote v1.5.index: 2 images\n"
    assert "Give --overwrite" in run("index", "deep/v1.5/", code=1).stderr
    assert run("index", "deep/v1.5/", "--overwrite").stdout == "wrote v1.5.index: 2 images\n"
    assert run("index", "one.png").stdout == "wrote one.index: 1 images\n"
    assert run("index", ".").stdout == f"wrote {in_folder.name}.index: 3 images\n"
    assert "OUT must be given" in run("index", in_folder.anchor, code=1).stderr
    stderr = run("index", "no folder", code=1).stderr
    assert (
        "DIR must be a folder of images" in stderr and not (tmp_path / "no folder.index").exists()
    )


def test_a_head_that_is_a_layer_scores_as_verify_does(run, answer, index, query, tmp_path):
    first, second = keras.Input((64,)), keras.Input((64,))
    apart = keras.layers.Subtract()([first, second])
    inputs = keras.Input((8, 8, 1))
    encoder = keras.Model(inputs, keras.layers.Flatten()(inputs))
    last = keras.layers.Dense(1)
    head = keras.Model([first, second], last(keras.layers.Dot(axes=1)([apart, apart])))
    last.set_weights([np.array([[-0.3]]), np.array([1.0])])
    file = tmp_path / "own.zip"
    Recognizer(siamese_network(encoder, head=head)).save(file)
    run("index", tmp_path / "pictures", index, "--model", file, "--overwrite")
    said = answer("search", index, query, "--model", file)
    assert said["scores"] == "probability" and len(said["results"]) == 3
    for row in said["results"]:
        judged = answer("verify", query, row["file"], "--model", file)
        assert row["score"] == pytest.approx(judged["probability"], rel=1e-5)
    scores = [row["score"] for row in said["results"]]
    assert scores == sorted(scores, reverse=True) and 0.01 < scores[0] < 0.99


@pytest.mark.parametrize("engine", ["faiss", "faiss-hnsw", "usearch"])
def test_each_engine_gives_the_same_list(run, tmp_path, index, query, engine):
    pytest.importorskip(engine.split("-")[0], exc_type=ImportError)
    out = tmp_path / "other.index"
    run("index", tmp_path / "pictures", out, "--engine", engine)
    for more in ((), ("--memory-map",)):
        assert run("search", out, query, *more).stdout == run("search", index, query).stdout


def test_json_says_what_was_written(answer, tmp_path, index):
    said = answer("index", tmp_path / "pictures", index, "--overwrite")
    assert (said["images"], said["engine"], said["distance"]) == (3, "numpy", "learned")
    assert said["model"] == "omniglot" and said["unreadable"] == []


def test_the_image_is_read_as_those_of_the_index(run, tmp_path, query):
    """A white drawing is found where the index was told that drawings are light."""
    for name, pixels in {"same": strokes(1), "other": strokes(6)}.items():
        save(tmp_path / "light" / f"{name}.png", 255 - pixels)
    out = tmp_path / "light.index"
    run("index", tmp_path / "light", out, "--polarity", "light_on_dark")
    light = save(tmp_path / "white.png", 255 - strokes(1))
    assert "same.png" in run("search", out, light, "-k", 1).stdout
    assert EmbeddingIndex.load(out).preprocessing["polarity"] == "light_on_dark"


def test_an_index_of_another_network_is_refused(run, index, query, pixel_network, tmp_path):
    other = siamese_network(twin_encoder(pixel_network))
    twin_head(other).set_weights([-2 * np.ones((64, 1)), np.zeros(1)])
    Recognizer(other).save(tmp_path / "other.zip")
    stderr = run("search", index, query, "--model", tmp_path / "other.zip", code=1).stderr
    assert "--model must have the weights of the index" in stderr


def test_bad_input_is_told_in_one_line(run, index, query, tmp_path):
    assert "INDEX must be a file with" in run("search", tmp_path / "no", query, code=1).stderr
    assert "INDEX must be a file written" in run("search", query, query, code=1).stderr
    assert "no.png" in run("search", index, tmp_path / "no.png", code=1).stderr
    assert "INDEX" not in run("search", index, query, "--model", query, code=1).stderr
    assert "--engine must be one of" in run(
        "index", tmp_path, tmp_path / "x.index", "--engine", "annoy", code=1
    ).stderr  # fmt: skip
    assert "OUT must end in .index" in run("index", tmp_path, tmp_path / "x.zip", code=1).stderr
    assert "--overwrite" in run("index", tmp_path / "pictures", index, code=1).stderr
    (tmp_path / "nothing").mkdir()
    for command, out in (("index", "x.index"), ("embed", "x.npz")):
        empty = run(command, tmp_path / "nothing", tmp_path / out, code=1).stderr
        assert "nothing' must hold images" in empty and "--skip-unreadable" not in empty
    for name in ("1.png", "2.png"):
        (tmp_path / "nothing" / name).write_text("no image")
        bad = run("index", tmp_path / "nothing", tmp_path / "x.index", code=1).stderr
        assert name in bad and "--skip-unreadable" not in bad
    (tmp_path / "pictures" / "bad.png").write_text("no image")
    bad = run("index", tmp_path / "pictures", tmp_path / "x.index", code=1).stderr
    assert "bad.png" in bad and not (tmp_path / "x.index").exists()
    skipped = run("index", tmp_path / "pictures", tmp_path / "x.index", "--skip-unreadable")
    assert "3 images" in skipped.stdout


def test_an_index_without_a_network_is_for_python(run, tmp_path, query):
    vectors = np.ones((2, 64), np.float32)
    EmbeddingIndex.build(vectors, ["a", "b"]).save(tmp_path / "unsaid.index")
    for more in ((), ("--model", "omniglot")):
        told = run("search", tmp_path / "unsaid.index", query, *more, code=1).stderr
        assert "INDEX must name the network" in told and "in Python" in told
        assert "--model" not in told


@pytest.mark.skipif(sys.platform == "win32", reason="no such names")
def test_a_name_is_kept_byte_for_byte_and_printed_in_one_line(run, answer, tmp_path, query):
    folder = tmp_path / "odd"
    save(folder / "a.png", strokes(1))
    (folder / "a.png").rename(folder / "new\nline.png")
    save(folder / "b.png", strokes(6))
    bad = b"bad\xff.png".decode("utf-8", "surrogateescape")
    try:
        (folder / "b.png").rename(folder / bad)
    except OSError:
        pytest.skip("the file system takes UTF-8 alone")
    run("index", folder, tmp_path / "odd.index")
    names = EmbeddingIndex.load(tmp_path / "odd.index").names
    assert sorted(names) == sorted(str(file) for file in folder.iterdir())
    lines = run("search", tmp_path / "odd.index", query).stdout.splitlines()
    assert [line[8:] for line in lines] == [f"{folder}/new\\nline.png", f"{folder}/bad?.png"]
    found = [row["file"] for row in answer("search", tmp_path / "odd.index", query)["results"]]
    assert found == [f"{folder}/new\nline.png", f"{folder}/bad?.png"]
