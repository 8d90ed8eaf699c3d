"""Files written whole or not at all: errors, kills, and two writers at once."""

import errno
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from keras_siamese import atomic
from keras_siamese.atomic import atomic_write, made_folder

# The file alone, since importing the package takes seconds.
KILLED = """
import os, signal, sys
sys.path.insert(0, sys.argv[2])
from atomic import atomic_write
with atomic_write(sys.argv[1]) as file:
    file.write(b"half")
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("as_text", [False, True])
def test_the_content_takes_the_place_of_the_old(tmp_path, as_text):
    path = tmp_path / "x.npz"
    for content in (b"old", b"new"):
        with atomic_write(str(path) if as_text else path) as file:
            file.write(content)
        assert path.read_bytes() == content
        assert os.listdir(tmp_path) == ["x.npz"]


def test_until_the_end_readers_see_the_old_file(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"old")
    with atomic_write(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"


def test_the_content_is_on_the_disk_before_it_takes_the_place(tmp_path, monkeypatch):
    calls = []
    for name in ("fsync", "replace"):
        original = getattr(os, name)
        monkeypatch.setattr(
            os, name, lambda *args, of=original, name=name: calls.append(name) or of(*args)
        )
    with atomic_write(tmp_path / "x") as file:
        file.write(b"new")
    assert calls == ["fsync", "replace"]


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt, MemoryError])
@pytest.mark.parametrize("where", ["block", "fsync", "replace"])
def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, where, error):
    path = tmp_path / "x"
    path.write_bytes(b"old")

    def fail(*args):
        raise error

    if where != "block":
        monkeypatch.setattr(os, where, fail)
    with pytest.raises(error), atomic_write(path) as file:
        file.write(b"half")
        if where == "block":
            raise error
    assert os.listdir(tmp_path) == ["x"]
    assert path.read_bytes() == b"old"


def test_a_missing_folder_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError), atomic_write(tmp_path / "none" / "x"):
        pass


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL here")
def test_killed_writers_leave_one_partial_file_at_most(tmp_path):
    path = tmp_path / "x[1].npz"
    path.write_bytes(b"old")
    folder = os.path.dirname(atomic.__file__)
    for _ in range(2):
        killed = subprocess.run([sys.executable, "-c", KILLED, path, folder])
        assert killed.returncode == -signal.SIGKILL
        assert path.read_bytes() == b"old"
        assert len(os.listdir(tmp_path)) == 2
    with atomic_write(path) as file:
        file.write(b"new")
    assert os.listdir(tmp_path) == ["x[1].npz"]


def test_partial_files_of_others_stay(tmp_path):
    others = ["y.01234567.partial", "x.npz.01234567.partial", "x.partial", "x.0123.partial"]
    for name in others:
        (tmp_path / name).write_bytes(b"")
    with atomic_write(tmp_path / "x") as file:
        file.write(b"new")
    assert sorted(os.listdir(tmp_path)) == sorted(["x", *others])


def test_of_two_writers_the_one_that_began_last_takes_the_place(tmp_path):
    path = tmp_path / "x"
    with pytest.raises(FileNotFoundError), atomic_write(path) as first:
        first.write(b"first")
        with atomic_write(path) as second:
            second.write(b"second")
    assert path.read_bytes() == b"second"
    assert os.listdir(tmp_path) == ["x"]


def test_two_writers_at_once_never_mix_their_content(tmp_path):
    path = tmp_path / "x"

    def write(who):
        for _ in range(200):
            with suppress(FileNotFoundError), atomic_write(path) as file:
                for _ in range(20):
                    file.write(who * 1000)

    with ThreadPoolExecutor() as pool:
        rivals = [pool.submit(write, who) for who in (b"a", b"b")]
        while not all(rival.done() for rival in rivals):
            if path.exists():
                assert path.read_bytes() in (b"a" * 20_000, b"b" * 20_000)
        for rival in rivals:
            rival.result()
    assert os.listdir(tmp_path) == ["x"]


def test_a_missing_folder_is_named(tmp_path):
    with (
        pytest.raises(FileNotFoundError, match=r"'.*nodir' is no folder\. Make it"),
        atomic_write(tmp_path / "nodir" / "a.zip"),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_was_made_in_vain_is_gone(tmp_path):
    with pytest.raises(OSError, match="full"), made_folder(tmp_path / "a" / "b") as folder:
        assert folder.is_dir()
        raise OSError("full")
    assert list(tmp_path.iterdir()) == []
    with made_folder(tmp_path / "a" / "b"):
        pass
    with pytest.raises(KeyboardInterrupt), made_folder(tmp_path / "a" / "b" / "c" / "d"):
        (tmp_path / "a" / "b" / "c" / "other").touch()
        raise KeyboardInterrupt
    assert [path.name for path in (tmp_path / "a" / "b").rglob("*")] == ["c", "other"]


def test_a_full_disk_is_told_with_the_file(tmp_path):
    with pytest.raises(OSError, match=r"No space left on device: '.*x\.zip'"):
        with atomic_write(tmp_path / "x.zip"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with pytest.raises(OSError, match=r"No space left on device: 'other'"):
        with atomic_write(tmp_path / "x.zip"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "other")


@pytest.mark.parametrize("path", ["", None, 3, b"x", "a\0b", [".", "x"]], ids=repr)
def test_what_is_no_path_is_told(path):
    with pytest.raises(ValueError, match="`path` must be the path of a file. Received: "):
        with atomic_write(path):
            pass


@pytest.mark.parametrize("name", [".", "..", "made", "/"])
def test_a_folder_is_not_written_over(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "made").mkdir()
    with pytest.raises(ValueError, match="`path` must be a file. Received: .*which is a folder"):
        with atomic_write(name):
            pass
    assert os.listdir(tmp_path) == ["made"]
