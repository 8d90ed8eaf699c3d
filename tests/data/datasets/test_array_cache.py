import os

import numpy as np
import pytest

from keras_siamese.data.datasets.array_cache import read_cache, write_cache

ARRAYS = {"bits": np.arange(10, dtype=np.uint8), "names": np.array(["a", "bc"])}


def test_arrays_come_back_with_their_stamp(tmp_path):
    path = tmp_path / "new" / "folder" / "x.npz"
    assert write_cache(path, "one", ARRAYS)
    for stamp in ("one", None):
        loaded = read_cache(path, stamp)
        assert loaded.keys() == ARRAYS.keys()
        np.testing.assert_array_equal(loaded["bits"], ARRAYS["bits"])
        np.testing.assert_array_equal(loaded["names"], ARRAYS["names"])
    assert read_cache(path, "two") is None


def test_a_missing_file_is_none(tmp_path):
    assert read_cache(tmp_path / "x.npz", "one") is None


@pytest.mark.parametrize("content", [b"", b"rubbish" * 100, "cut", "flipped"])
def test_a_damaged_file_is_none(tmp_path, content):
    path = tmp_path / "x.npz"
    write_cache(path, "one", {"bits": np.zeros(1000, np.uint8)})
    whole = bytearray(path.read_bytes())
    if content == "cut":
        content = whole[: len(whole) // 2]
    elif content == "flipped":
        whole[len(whole) // 2] ^= 1
        content = whole
    path.write_bytes(content)
    assert read_cache(path, "one") is None


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_an_interrupted_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, error):
    path = tmp_path / "x.npz"
    write_cache(path, "one", ARRAYS)

    def half_way(file, **arrays):
        file.write(b"half")
        raise error

    monkeypatch.setattr(np, "savez", half_way)
    with pytest.raises(error):
        write_cache(path, "two", ARRAYS)
    assert os.listdir(tmp_path) == ["x.npz"]
    assert read_cache(path, "one") is not None


def test_a_full_disk_is_no_error_and_leaves_nothing(tmp_path, monkeypatch):
    def full(file, **arrays):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    assert not write_cache(tmp_path / "x.npz", "one", ARRAYS)
    assert os.listdir(tmp_path) == []


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    path = tmp_path / "file" / "x.npz"
    assert not write_cache(path, "one", ARRAYS)
    assert read_cache(path, "one") is None


def test_arrays_that_were_changed_under_a_right_stamp_are_none(tmp_path):
    path = tmp_path / "arrays.npz"
    bits = np.arange(10, dtype=np.uint8)
    write_cache(path, "stamp", {"bits": bits})
    with np.load(path) as file:
        stored = dict(file)
    for change in (
        {"bits": ~bits},
        {"bits": bits.reshape(2, 5)},
        {"bits": bits.astype(np.int8)},
        {"more": bits},
    ):
        np.savez(path, **(stored | change))
        assert read_cache(path, "stamp") is None and read_cache(path) is None
    del stored["digest"]
    np.savez(path, **stored)
    assert read_cache(path, "stamp") is None, "as an earlier version wrote it"
    np.savez(path, **(stored | {"digest": np.array("x")}))
    assert read_cache(path, "stamp") is None


@pytest.mark.parametrize(
    "header", [b"{", b"{'descr': (", b"\0", b"'''", b"(" * 60, b"1 +", b"\xff"]
)
def test_a_damaged_description_of_an_array_is_none(tmp_path, header):
    path = tmp_path / "cache.npz"
    # So long that its description is read before its checksum is known.
    write_cache(path, "stamp", {"a": np.arange(100_000)})
    content = path.read_bytes()
    start = content.index(b"{'descr'", content.index(b"a.npy"))
    end = content.index(b"\n", start)
    path.write_bytes(content[:start] + header.ljust(end - start) + content[end:])
    assert read_cache(path, "stamp") is None
