"""The file of an `EmbeddingIndex`: it gives the same answers, and damage is reported."""

import zipfile
from pathlib import Path

import numpy as np
import pytest

from keras_siamese import EmbeddingIndex
from tests.index.vectors import NAMES, QUERIES, VECTORS, WITHOUT_NETWORK, some


@pytest.mark.parametrize("memory_map", [False, True], ids=["read", "mapped"])
@pytest.mark.parametrize(("engine", "distance"), WITHOUT_NETWORK)
def test_a_file_gives_the_same_answers_and_takes_more(engine, distance, memory_map, tmp_path):
    labels = [number % 7 for number in range(400)]
    index = EmbeddingIndex.build(VECTORS, NAMES, labels, engine=engine, distance=distance)
    index.save(tmp_path / "own.index")
    again = EmbeddingIndex.load(tmp_path / "own.index", memory_map=memory_map)
    assert repr(again) == f"EmbeddingIndex(400 embeddings, {engine}, {distance})"
    assert again.names == NAMES and again.labels == labels
    assert isinstance(again._stored.vectors, np.memmap) is memory_map
    assert again._stored.vectors.flags.aligned
    for ours, theirs in zip(again.search(QUERIES), index.search(QUERIES), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    again.add(QUERIES[:2] * 9, ["new", "newer"], ["x", "y"])
    assert again.search(QUERIES[1] * 9, k=1).names == ["newer"] and again.labels[-1] == "y"
    again.save(tmp_path / "own.index")
    assert len(EmbeddingIndex.load(tmp_path / "own.index")) == 402


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "own.index"
    EmbeddingIndex.build(VECTORS, NAMES, distance="cosine").save(path)
    return path


def test_a_file_that_is_cut_off_or_damaged_is_an_error(file):
    content = file.read_bytes()
    for size in (0, 1, 100, len(content) // 2, len(content) - 1):
        file.write_bytes(content[:size])
        for memory_map in (False, True):
            with pytest.raises(ValueError, match="must be a file written by EmbeddingIndex.save"):
                EmbeddingIndex.load(file, memory_map=memory_map)
    for place in range(50, len(content) - 200, 1500):
        file.write_bytes(content[:place] + bytes([content[place] ^ 0x41]) + content[place + 1 :])
        with pytest.raises(ValueError, match="must be a file written by EmbeddingIndex.save"):
            EmbeddingIndex.load(file)


def rewritten(file, change):
    """Writes the archive again, with parts changed by `change(name, content)`; None drops one."""
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            new = change(name, content)
            if new is not None:
                archive.writestr(name, new)


@pytest.mark.parametrize(
    "change",
    [
        lambda name, content: content.replace(b"EmbeddingIndex", b"Other"),
        lambda name, content: content.replace(b'"format": 1', b'"format": 2'),
        lambda name, content: content.replace(b'"count": 400', b'"count": 399'),
        lambda name, content: content.replace(b'"engine": "numpy"', b'"engine": "usearch"'),
        lambda name, content: content.replace(b'"cosine"', b'"l1"'),
        lambda name, content: None if name == "vectors.npy" else content,
        lambda name, content: None if name == "lengths.npy" else content,
        lambda name, content: content + b"1" if name == "vectors.npy" else content,
        lambda name, content: content.replace(b"(400, 12)", b"(12, 400)"),
        lambda name, content: content[:-4] + b"\0\0\xc0\x7f" if "vectors" in name else content,
    ],
)  # fmt: skip
def test_parts_that_do_not_fit_are_an_error(file, change):
    rewritten(file, change)
    with pytest.raises(ValueError, match="must be a file written by EmbeddingIndex.save"):
        EmbeddingIndex.load(file)


@pytest.mark.parametrize("memory_map", [False, True], ids=["read", "mapped"])
def test_vectors_never_reach_into_the_next_part(file, memory_map):
    rewritten(file, lambda name, content: content[:-4] if name == "vectors.npy" else content)
    with pytest.raises(ValueError, match="must be a file written by EmbeddingIndex.save"):
        EmbeddingIndex.load(file, memory_map=memory_map)


def test_a_save_that_fails_leaves_the_old_file(file, monkeypatch):
    before = file.read_bytes()
    index = EmbeddingIndex.load(file)
    index.labels[0] = object()
    with pytest.raises(TypeError):
        index.save(file)
    assert file.read_bytes() == before and [*file.parent.iterdir()] == [file]


def test_files_that_are_none_are_told(tmp_path):
    with pytest.raises(FileNotFoundError, match="`path` must be a file with an index"):
        EmbeddingIndex.load(tmp_path / "none.index")
    with pytest.raises(FileNotFoundError, match="`path` must be a file with an index"):
        EmbeddingIndex.load(tmp_path)
    Path(tmp_path, "text.index").write_text("no index")
    with pytest.raises(ValueError, match="must be a file written by EmbeddingIndex.save"):
        EmbeddingIndex.load(tmp_path / "text.index")


@pytest.mark.parametrize("part", ["settings.json", "names.json"])
@pytest.mark.parametrize("content", [b"[]", b"3", b"null", b'"text"'])
def test_settings_of_another_kind_are_told(file, part, content):
    rewritten(file, lambda name, old: content if name == part else old)
    with pytest.raises(ValueError, match=f"but its {part} holds a .*Build the index again"):
        EmbeddingIndex.load(file)


def test_names_of_any_bytes_come_back(tmp_path):
    name = b"bad\xff\n.png".decode("utf-8", "surrogateescape")
    EmbeddingIndex.build(VECTORS[:1], [name]).save(tmp_path / "own.index")
    assert EmbeddingIndex.load(tmp_path / "own.index").names == [name]


def test_a_path_that_is_none_is_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for path in (None, "", 3):
        with pytest.raises(ValueError, match="`path` must be the path of a file"):
            EmbeddingIndex.load(path)
        with pytest.raises(ValueError, match="`path` must be the path of a file"):
            some().save(path)
    with pytest.raises(ValueError, match="`path` must be a file. Received: '.', which is a folder"):
        some().save(".")
