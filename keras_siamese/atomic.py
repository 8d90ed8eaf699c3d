"""Files that are written whole or not at all."""

import errno
import glob
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

_TOKEN_BYTES = 4
_OF_WRITING = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def checked_path(path: str | os.PathLike[str], argument: str = "path") -> Path:
    """Check what should be the path of a file.

    Args:
        path: What was given.
        argument: Name of the argument, for errors.

    Returns:
        The path.

    Raises:
        ValueError: If it is no path, or an empty one.
    """
    text = os.fspath(path) if isinstance(path, str | os.PathLike) else None
    if not isinstance(text, str) or not text or "\0" in text:
        raise ValueError(
            f"`{argument}` must be the path of a file. Received: {path!r}. Give a text, such as "
            "'folder/name', or a pathlib.Path."
        )
    return Path(text)


@contextmanager
def made_folder(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Make a folder for what is written in the block, and take it away again after an error.

    Missing folders above it are made, too, and taken away again after an error. A folder that
    existed before, or that holds something, stays.

    Args:
        path: The folder.

    Yields:
        The folder.

    Raises:
        OSError: If the folder cannot be made.
    """
    folder = Path(path)
    made = [each for each in (folder, *folder.parents) if not each.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
    except BaseException:
        for each in made:
            # One that holds something, of another process for example, stays.
            with suppress(OSError):
                each.rmdir()
        raise


@contextmanager
def atomic_write(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Open a file that takes the place of `path` once the block has ended without an error.

    The content goes to `<name>.<token>.partial` next to `path`, to the disk, and from there to
    `path` in one step. A reader, and whoever looks after a crash, sees the old file or the new one.
    An error removes the partial file; one that a killed process left is removed by the next write
    of the same path. Every write has a separate file, so that two processes that write one path
    never mix their content: the write that began last wins.

    Args:
        path: The file; its folder must exist.

    Yields:
        A binary file, open for writing.

    Raises:
        ValueError: If the path is invalid, or a folder's.
        OSError: If the file cannot be written; a `FileNotFoundError` where its folder is missing,
            or another process began to write the same path meanwhile.

    Example:
        >>> from pathlib import Path
        >>> from keras_siamese.atomic import atomic_write
        >>> with atomic_write("greeting") as file:
        ...     _ = file.write(b"hello")
        >>> Path("greeting").read_bytes()
        b'hello'
    """
    path = checked_path(path)
    if path.name in ("", "..") or path.is_dir():
        raise ValueError(
            f"`path` must be a file. Received: {str(path)!r}, which is a folder. Name a file in it."
        )
    if not path.parent.is_dir():
        raise FileNotFoundError(
            f"`path` must be in a folder that is there. Received: {str(path)!r}, but "
            f"{str(path.parent)!r} is no folder. Make it, or choose another."
        )
    token = "[0-9a-f]" * 2 * _TOKEN_BYTES
    for stale in path.parent.glob(f"{glob.escape(path.name)}.{token}.partial"):
        # Windows keeps a file that another process holds open; its writer removes it.
        with suppress(OSError):
            stale.unlink()
    partial = path.with_name(f"{path.name}.{secrets.token_hex(_TOKEN_BYTES)}.partial")
    try:
        with open(partial, "xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except BaseException as error:
        with suppress(OSError):
            partial.unlink()
        # The system names the file in errors of opening it, and in none of writing to it.
        if isinstance(error, OSError) and error.errno in _OF_WRITING and error.filename is None:
            error.filename = str(path)
        raise
