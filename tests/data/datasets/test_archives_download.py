import hashlib
import os
from pathlib import Path

import pytest

from keras_siamese.data.datasets.archives import cache_folder, data_folder, download


def test_the_argument_goes_before_the_variable(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_SIAMESE_DATA", "/nowhere")
    assert data_folder(tmp_path) == tmp_path
    monkeypatch.setenv("KERAS_SIAMESE_DATA", str(tmp_path))
    assert data_folder() == tmp_path
    monkeypatch.setenv("KERAS_SIAMESE_DATA", "")
    assert data_folder() is None


def test_a_data_folder_that_is_none_is_an_error_that_says_who_named_it(tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError, match="`data_dir` must name a folder"):
        data_folder(tmp_path / "missing")
    monkeypatch.setenv("KERAS_SIAMESE_DATA", str(tmp_path / "missing"))
    with pytest.raises(FileNotFoundError, match=r"\$KERAS_SIAMESE_DATA must name a folder"):
        data_folder()


def test_the_cache_is_the_argument_the_variable_or_in_the_home_folder(tmp_path, monkeypatch):
    assert cache_folder(tmp_path) == tmp_path
    monkeypatch.setenv("KERAS_SIAMESE_CACHE", str(tmp_path / "named"))
    assert cache_folder() == tmp_path / "named"
    monkeypatch.delenv("KERAS_SIAMESE_CACHE")
    assert cache_folder() == Path.home() / ".cache" / "keras_siamese"


@pytest.fixture
def public_file(tmp_path):
    """A file with its address and md5; Keras downloads from file addresses as from any other."""
    path = tmp_path / "public" / "letters.zip"
    path.parent.mkdir()
    path.write_bytes(b"content")
    return path, path.as_uri(), hashlib.md5(b"content").hexdigest()


def test_a_file_is_downloaded_once(tmp_path, public_file):
    original, url, md5 = public_file
    path = download(url, md5, tmp_path / "new" / "cache")
    assert path == tmp_path / "new" / "cache" / "letters.zip"
    assert path.read_bytes() == b"content"
    original.unlink()
    assert download(url, md5, tmp_path / "new" / "cache") == path


def test_a_file_cut_short_is_downloaded_again(tmp_path, public_file):
    _, url, md5 = public_file
    (tmp_path / "letters.zip").write_bytes(b"cont")
    assert download(url, md5, tmp_path).read_bytes() == b"content"


def test_a_wrong_digest_is_an_error(tmp_path, public_file):
    with pytest.raises(OSError, match="Download of file:.* failed.*by hand"):
        download(public_file[1], "0" * 32, tmp_path / "cache")


def test_a_failed_download_is_an_error_with_a_remedy(tmp_path):
    with pytest.raises(OSError, match="name its folder with `data_dir`"):
        download((tmp_path / "missing.zip").as_uri(), "0" * 32, tmp_path / "cache")
    assert os.listdir(tmp_path / "cache") == []


def test_a_cache_that_cannot_be_written_is_an_error(tmp_path, public_file):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(OSError, match="`cache_dir` must be a folder that can be written"):
        download(public_file[1], public_file[2], tmp_path / "file" / "cache")
