import os
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_siamese.data.datasets import archives
from keras_siamese.data.datasets.archives import Archive, archive_stamp, find_archive, read_files

ARCHIVE = Archive("letters", "https://example.org/letters.zip", "0" * 32)
FILES = {"a/1.txt": b"one", "b/2.txt": b"two"}


def write_zip(path, files, **options):
    with zipfile.ZipFile(path, "w", **options) as file:
        for name, content in files.items():
            file.writestr(name, content)
    return path


def write_tree(folder, files):
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


@pytest.mark.parametrize("prefix", ["", "letters/"])
def test_zip_and_tree_read_alike(tmp_path, prefix):
    files = {prefix + name: content for name, content in FILES.items()}
    zipped = write_zip(tmp_path / "letters.zip", files, compression=zipfile.ZIP_DEFLATED)
    assert dict(read_files(zipped)) == FILES
    assert dict(read_files(write_tree(tmp_path / "letters", files))) == FILES


def test_hidden_files_are_left_out(tmp_path):
    extra = {"__MACOSX/a/._1.txt": b"", "a/.DS_Store": b"", ".git/x": b""}
    assert dict(read_files(write_zip(tmp_path / "letters.zip", {**FILES, **extra}))) == FILES


@given(
    st.lists(st.sampled_from(["a", "..", "b.png", "."]), min_size=1, max_size=4).map("/".join),
    st.sampled_from(["", "/", "\\", "C:/", "//host/"]),
)
def test_only_names_that_stay_inside_pass(name, prefix):
    content = prefix + name
    escapes = bool(prefix) or os.path.normpath(f"/top/{name}/x")[:5] != "/top/"
    if escapes:
        with pytest.raises(ValueError, match="leads out of it"):
            archives._check_member("x.zip", content, 1)
    elif not set(name.split("/")) - {"."}:
        with pytest.raises(ValueError, match="names a folder"):
            archives._check_member("x.zip", content, 1)
    elif ".." not in name:
        archives._check_member("x.zip", content, 1)


@pytest.mark.parametrize("name", ["../evil.png", "a/../../evil.png", "/etc/evil", "C:\\evil"])
def test_a_zip_with_a_path_that_escapes_is_refused_before_anything_is_read(tmp_path, name):
    path = write_zip(tmp_path / "letters.zip", {**FILES, name: b"evil"})
    with pytest.raises(ValueError, match=r"letters.zip' must hold only names below"):
        next(read_files(path))
    assert os.listdir(tmp_path) == ["letters.zip"]


@pytest.mark.parametrize("name", [".", "./.", "/", ""])
def test_a_zip_with_a_member_that_has_no_name_is_refused(tmp_path, name):
    path = write_zip(tmp_path / "letters.zip", {**FILES, name or "x": b"evil"})
    if not name:
        path.write_bytes(path.read_bytes().replace(b"x", b"\0"))
    with pytest.raises(ValueError, match=r"letters.zip' must hold .* fetch the original"):
        next(read_files(path))


def test_a_zip_may_name_its_own_folder(tmp_path):
    files = {"./": b"", "letters/": b"", "letters": b"a file", **FILES}
    path = write_zip(tmp_path / "letters.zip", files)
    assert dict(read_files(path)) == {"letters": b"a file", **FILES}


@pytest.mark.parametrize("kept", [0, 10, 0.5, 0.95])
def test_a_truncated_zip_is_refused(tmp_path, kept):
    path = write_zip(tmp_path / "letters.zip", {"a": b"x" * 5000})
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content)) if kept < 1 else kept])
    with pytest.raises(ValueError, match="must be a complete zip file.*fetch it again"):
        list(read_files(path))


def test_a_zip_with_a_flipped_byte_is_refused(tmp_path):
    path = write_zip(tmp_path / "letters.zip", {"a": b"x" * 5000})
    content = bytearray(path.read_bytes())
    content[2000] ^= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match="must be a complete zip file.*CRC"):
        list(read_files(path))


@pytest.mark.parametrize("unpacked", [False, True])
def test_many_members_that_are_huge_together_are_refused(tmp_path, monkeypatch, unpacked):
    monkeypatch.setattr(archives, "_MAX_TOTAL", 250)
    path = tmp_path / "all"
    path.mkdir()
    for number in range(3):
        (path / f"{number}.png").write_bytes(bytes(100))
    if not unpacked:
        folder, path = path, tmp_path / "all.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for file in folder.iterdir():
                archive.write(file, file.name)
    with pytest.raises(ValueError, match="at most 250 bytes in all files together.*fetch the orig"):
        dict(archives.read_files(path))


def test_a_huge_member_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "_MAX_MEMBER", 100)
    path = write_zip(tmp_path / "letters.zip", {"a": b"x" * 101})
    with pytest.raises(ValueError, match="at most 100 bytes. Received: 101 in 'a'"):
        list(read_files(path))


@pytest.mark.parametrize("place", ["", "python", "python/one-shot-classification"])
def test_an_archive_is_found_where_lakes_repository_keeps_it(tmp_path, place):
    (tmp_path / place).mkdir(parents=True, exist_ok=True)
    path = write_zip(tmp_path / place / "letters.zip", FILES)
    assert find_archive(ARCHIVE, data_dir=tmp_path) == path


def test_the_zip_goes_before_the_folder(tmp_path):
    folder = write_tree(tmp_path / "letters", FILES)
    assert find_archive(ARCHIVE, data_dir=tmp_path) == folder
    path = write_zip(tmp_path / "letters.zip", FILES)
    assert find_archive(ARCHIVE, data_dir=tmp_path) == path


def test_the_variable_names_the_folder(tmp_path, monkeypatch):
    path = write_zip(tmp_path / "letters.zip", FILES)
    monkeypatch.setenv("KERAS_SIAMESE_DATA", str(tmp_path))
    assert find_archive(ARCHIVE) == path


def test_a_folder_without_the_archive_is_an_error_and_no_download(tmp_path):
    with pytest.raises(FileNotFoundError, match="must hold letters.zip or the folder letters"):
        find_archive(ARCHIVE, data_dir=tmp_path)


def test_a_missing_archive_that_must_not_be_downloaded_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="must hold letters.zip"):
        find_archive(ARCHIVE, cache_dir=tmp_path, download_missing=False)
    path = write_zip(tmp_path / "letters.zip", FILES)
    assert find_archive(ARCHIVE, cache_dir=tmp_path, download_missing=False) == path


def test_the_stamp_changes_with_the_archive(tmp_path):
    path = write_zip(tmp_path / "letters.zip", FILES)
    before = archive_stamp(path)
    assert archive_stamp(path) == before
    os.utime(path, ns=(1, 1))
    assert archive_stamp(path) != before

    folder = write_tree(tmp_path / "letters", FILES)
    before = archive_stamp(folder)
    assert archive_stamp(folder) == before
    (folder / "b/2.txt").rename(folder / "b/3.txt")
    assert archive_stamp(folder) != before


def test_a_place_before_the_start_of_the_file_is_told_with_its_name(tmp_path):
    path = write_zip(tmp_path / "letters.zip", FILES)
    content = bytearray(path.read_bytes())
    # The end of the archive says that its table is longer than the file.
    end = content.rindex(b"PK\x05\x06")
    content[end + 12 : end + 16] = (len(content) + 100).to_bytes(4, "little")
    path.write_bytes(content)
    with pytest.raises(ValueError, match="letters.zip' must be a complete zip file"):
        list(read_files(path))
    # Cut at the front, the table is before the start.
    path.write_bytes(bytes(content[40:]))
    with pytest.raises(ValueError, match="letters.zip' must be a complete zip file"):
        list(read_files(path))
