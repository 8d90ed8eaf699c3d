"""Where data files are looked for: a folder that the user names, the cache, the public download."""

import os
from pathlib import Path

from keras_siamese.data.unreadable import what_is_at

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
