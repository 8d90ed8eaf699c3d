"""Archives of data: a zip file or the same tree unpacked, and where they are looked for.

A folder that the user names comes first, then the cache, then the public download.
"""

import hashlib
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from keras_siamese.data.unreadable import what_is_at

# Folders inside a data folder that are searched; the last two are those of Lake's repository.
_SEARCHED = ("", "python", "python/one-shot-classification")
# Largest member that is read, in bytes. Omniglot's images and label files have under 2 kB.
_MAX_MEMBER = 4_000_000
# Largest sum of all members, in bytes: callers keep them in memory. Omniglot's have 11 million.
_MAX_TOTAL = 200_000_000
# What zipfile raises where a zip is damaged; RuntimeError also for encryption and compression that
# it does not know, and OSError for a place before the file's start.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    RuntimeError,
    UnicodeError,
    OSError,
)


@dataclass(frozen=True)
class Archive:
    """A public archive.

    Attributes:
        name: Name without suffix, which is also the name of the unpacked folder.
        url: Public address of the zip file.
        md5: Digest of the public zip file. Only downloads are held to it.
    """

    name: str
    url: str
    md5: str


def find_archive(
    archive: Archive,
    *,
    data_dir: str | os.PathLike[str] | None = None,
    cache_dir: str | os.PathLike[str] | None = None,
    download_missing: bool = True,
) -> Path:
    """Find an archive, or download it where no data folder is named.

    Args:
        archive: What to find.
        data_dir: Folder with the zip file or the unpacked folder; None for `KERAS_SIAMESE_DATA`.
        cache_dir: Folder for downloads; None for the default, see `cache_folder`.
        download_missing: Whether a missing archive may be downloaded.

    Returns:
        Path of the zip file (preferred) or of the unpacked folder.

    Raises:
        FileNotFoundError: If a data folder is named and does not hold the archive, or the archive
            is missing and must not be downloaded.
        OSError: If the download fails.
    """
    named = data_folder(data_dir)
    if named is None and download_missing:
        return download(archive.url, archive.md5, cache_folder(cache_dir))
    folder = cache_folder(cache_dir) if named is None else named
    for part in _SEARCHED:
        for path in (folder / part / f"{archive.name}.zip", folder / part / archive.name):
            if path.exists():
                return path
    raise FileNotFoundError(
        f"{str(folder)!r} must hold {archive.name}.zip or the folder {archive.name}. Received: "
        f"neither. Fetch {archive.url} into it, or leave `data_dir` and ${DATA_VARIABLE} unset and "
        "allow the download."
    )


def archive_stamp(path: Path) -> str:
    """Return a text that changes when the archive does.

    Args:
        path: A zip file or an unpacked folder.

    Returns:
        For a zip its size and time of change; for a folder a digest of every file's.
    """
    if path.is_file():
        status = path.stat()
        return f"zip {status.st_size} {status.st_mtime_ns}"
    digest = hashlib.sha256()
    for name, file in _walk(path):
        status = file.stat()
        digest.update(f"{name}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return f"folder {digest.hexdigest()}"


def read_files(path: Path) -> Iterator[tuple[str, bytes]]:
    """Read every file of an archive. Nothing is unpacked to disk.

    Hidden files and those that macOS adds are left out.

    Args:
        path: A zip file or an unpacked folder.

    Yields:
        Name inside the archive, with "/" and without the leading folder of the archive's own name,
        and content.

    Raises:
        ValueError: If the zip is damaged, a name leads out of the archive, or a file or all files
            together are huge.
    """
    for name, content in _read_zip(path) if path.is_file() else _read_folder(path):
        parts = PurePosixPath(name).parts
        parts = parts[1:] if len(parts) > 1 and parts[0] == path.stem else parts
        if not any(part.startswith((".", "__MACOSX")) for part in parts):
            yield "/".join(parts), content


def _read_zip(path: Path) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            for member in members:
                _check_member(path, member.filename, member.file_size)
            _check_total(path, sum(member.file_size for member in members))
            for member in members:
                if not member.is_dir():
                    yield member.filename, archive.read(member)
    except _DAMAGE as error:
        # An OSError of the system has the file's name; others do not come from files.
        if isinstance(error, OSError) and error.filename is not None:
            raise
        raise ValueError(
            f"{str(path)!r} must be a complete zip file. Received: one that cannot be read: "
            f"{error}. Delete it and fetch it again."
        ) from error


def _check_member(path: Path, name: str, num_bytes: int) -> None:
    parts = name.replace("\\", "/").split("/")
    if not name or ".." in parts or parts[0] == "" or ":" in parts[0]:
        raise ValueError(
            f"{str(path)!r} must hold only names below its own folder. Received: {name!r}, which "
            "leads out of it. Do not use this file; fetch the original."
        )
    if not PurePosixPath(name).parts and not name.endswith("/"):
        raise ValueError(
            f"{str(path)!r} must hold files with names. Received: {name!r}, which names a folder. "
            "Do not use this file; fetch the original."
        )
    if num_bytes > _MAX_MEMBER:
        raise ValueError(
            f"{str(path)!r} must hold files of at most {_MAX_MEMBER} bytes. Received: "
            f"{num_bytes} in {name!r}. Do not use this file; fetch the original."
        )


def _check_total(path: Path, num_bytes: int) -> None:
    if num_bytes > _MAX_TOTAL:
        raise ValueError(
            f"{str(path)!r} must hold at most {_MAX_TOTAL} bytes in all files together. Received: "
            f"{num_bytes} or more. Do not use this file; fetch the original."
        )


def _read_folder(path: Path) -> Iterator[tuple[str, bytes]]:
    total = 0
    for name, file in _walk(path):
        num_bytes = file.stat().st_size
        _check_member(path, name, num_bytes)
        total += num_bytes
        _check_total(path, total)
        yield name, Path(file).read_bytes()


def _walk(folder: Path, prefix: str = "") -> Iterator[tuple[str, os.DirEntry[str]]]:
    with os.scandir(folder) as entries:
        ordered = sorted(entries, key=lambda entry: entry.name)
    for entry in ordered:
        if entry.is_dir():
            yield from _walk(Path(entry.path), f"{prefix}{entry.name}/")
        else:
            yield f"{prefix}{entry.name}", entry


DATA_VARIABLE = "KERAS_SIAMESE_DATA"
CACHE_VARIABLE = "KERAS_SIAMESE_CACHE"


def data_folder(data_dir: str | os.PathLike[str] | None = None) -> Path | None:
    """Return the folder that the user named for data, or None.

    Args:
        data_dir: A folder, or None for the environment variable `KERAS_SIAMESE_DATA`.

    Returns:
        The folder; None where neither is set.

    Raises:
        FileNotFoundError: If the folder named does not exist.
    """
    named = os.fspath(data_dir) if data_dir is not None else os.environ.get(DATA_VARIABLE, "")
    if not named:
        return None
    folder = Path(named).expanduser()
    if not folder.is_dir():
        origin = "`data_dir`" if data_dir is not None else f"${DATA_VARIABLE}"
        raise FileNotFoundError(
            f"{origin} must name a folder with the data files. Received: {str(folder)!r}, which "
            f"is {what_is_at(folder)}. Correct the path, or leave it unset to download."
        )
    return folder


def cache_folder(cache_dir: str | os.PathLike[str] | None = None) -> Path:
    """Return the folder for downloads and parsed arrays, which need not exist yet.

    Args:
        cache_dir: A folder, or None for the environment variable `KERAS_SIAMESE_CACHE`, or
            `~/.cache/keras_siamese` where that is not set either.

    Returns:
        The folder.
    """
    if cache_dir is None:
        cache_dir = os.environ.get(CACHE_VARIABLE) or Path("~", ".cache", "keras_siamese")
    return Path(cache_dir).expanduser()


def download(url: str, md5: str, folder: Path) -> Path:
    """Download a file once, with progress, and check its md5.

    Args:
        url: Address of the file; its last part names the file.
        md5: Expected digest of the file, hexadecimal.
        folder: Where the file is kept.

    Returns:
        Path of the file. A file already there with the right digest is not fetched again.

    Raises:
        OSError: If the folder cannot be written or the download fails.
    """
    from keras.utils import get_file

    name = url.rsplit("/", 1)[1]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Keras would quietly turn to a folder in /tmp where it cannot write.
        with open(folder / f".{name}.{os.getpid()}.tmp", "wb") as probe:
            os.unlink(probe.name)
    except OSError as error:
        raise OSError(
            f"`cache_dir` must be a folder that can be written to keep {name}. Received: "
            f"{str(folder)!r}, which cannot: {error}. Name another with `cache_dir` or "
            f"${CACHE_VARIABLE}."
        ) from error
    try:
        return Path(
            get_file(
                name,
                origin=url,
                file_hash=md5,
                hash_algorithm="md5",
                cache_dir=str(folder),
                cache_subdir="",
            )
        )
    # get_file raises a bare Exception for a failed fetch, so nothing narrower can be caught.
    except Exception as error:
        raise OSError(
            f"Download of {url} to {str(folder)!r} failed: {error}. Try again, or fetch the file "
            f"by hand and name its folder with `data_dir` or ${DATA_VARIABLE}."
        ) from error
