"""What a folder of images holds: the one rule for what is an image and what is left out."""

from __future__ import annotations

import contextlib
import os
import re
import stat
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

# What `load_folder` and `load_support` take of how a folder is laid out, next to `labels`.
FOLDER_OPTIONS = ("label_pattern", "split", "on_skipped")

# Endings of image files, also of kinds that cannot be read: those get an error, not a remark.
IMAGE_ENDINGS = frozenset(
    ".apng .arw .avif .avifs .bmp .bw .cr2 .cr3 .cur .dcm .dcx .dds .dib .dng .emf .eps .exr .fits "
    ".gif .heic .heics .heif .heifs .hif .icb .icns .ico .iff .j2c .j2k .jfi .jfif .jif "
    ".jp2 .jpc .jpe .jpeg .jpf .jpg .jpx .jxl .mpo .msp .nef .orf .pbm .pcx .pfm .pgm .png .pnm "
    ".ppm .psd .qoi .raf .ras .rgb .rgba .rw2 .sgi .svg .svgz .tga .tif .tiff .vda .vst .webp .wmf "
    ".xbm .xcf .xpm".split()
)
# Copies and unfinished downloads, which may well hold an image.
_COPIES = re.compile(r"\.(bak|old|orig|tmp|temp|part|partial|crdownload|download|swp)$|~$", re.I)
# First bytes of image files, for those without such an ending.
_SIGNATURE = re.compile(
    rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|GIF8[79]a|II\*\x00|MM\x00\*|RIFF....WEBP"
    rb"|BM....\x00\x00\x00\x00|\x00\x00\x00\x0cjP  \r\n|\xff\x4f\xff\x51|\x00\x00\x00\x0cJXL "
    rb"|....ftyp(?:avi[fs]|hei[cfmsx]|hev[cmsx]|mi[fa]1|msf1)"
    rb"|P[1-6]\s+(?:#[^\n]*\n\s*)*\d+\s+\d+\s",
    re.DOTALL,
)
_SIGNATURE_BYTES = 256
# What Windows and macOS put into nearly every folder; hidden files start with a dot.
_EVERYWHERE = frozenset(("thumbs.db", "desktop.ini", "__macosx"))
# What other systems, network drives and tools leave behind.
_SYSTEM = _EVERYWHERE | frozenset(
    ("ehthumbs.db", "ehthumbs_vista.db", "icon\r", "icon\uf00d", "@eadir", "#recycle", "@recycle")
    + ("@__thumb", "$recycle.bin", "system volume information", "lost+found")
    + ("__pycache__",)
)
# Names that a warning lists for one reason.
_LISTED = 10


@dataclass(frozen=True)
class SkippedFile:
    """A file or folder that holds no image of a class, and why.

    Attributes:
        path: The file or folder.
        reason: Why it is left out, such as "a link that leads nowhere".
        expected: Whether it lies in nearly every folder: a hidden file, `Thumbs.db`, `desktop.ini`
            or `__MACOSX`.
    """

    path: Path
    reason: str
    expected: bool = False


# Called with each file or folder that is left out.
OnSkipped = Callable[[SkippedFile], None]


@dataclass(frozen=True)
class ImageFolder:
    """A folder with images in it or in its folders.

    Attributes:
        path: The folder.
        images: Its image files, sorted by name.
        folders: Those of its folders that hold images, sorted by name.
    """

    path: Path
    images: tuple[Path, ...]
    folders: tuple[ImageFolder, ...]

    @property
    def all_images(self) -> list[Path]:
        """All images in it and below, sorted by folder, then by name."""
        below = [image for folder in self.folders for image in folder.all_images]
        return [*self.images, *below]


def scan_folder(path: Path, on_skipped: OnSkipped) -> ImageFolder:
    """Look through a folder and all folders in it.

    An image is a regular file whose name ends as those of images do (`IMAGE_ENDINGS`), or whose
    first bytes are those of an image. Left out are hidden files and what systems leave behind,
    other files, links that lead nowhere or to a folder that they lie in, pipes and devices, and
    folders without images.

    Args:
        path: The folder.
        on_skipped: Called with what is left out; of a folder without images, with that alone.

    Returns:
        The folder; it may hold nothing.

    Raises:
        OSError: If a folder cannot be listed, or a file without an image's ending not be opened.
    """
    return _scan(path, (os.path.realpath(path),), on_skipped)


def _scan(path: Path, above: tuple[str, ...], on_skipped: OnSkipped) -> ImageFolder:
    images, folders = [], []
    for entry in sorted(path.iterdir()):
        reason = _reason_to_skip(entry)
        if reason is None and entry.is_dir():
            real = os.path.realpath(entry)
            if real in above:
                reason = "a link to a folder that it lies in"
            else:
                below: list[SkippedFile] = []
                folder = _scan(entry, (*above, real), below.append)
                if folder.images or folder.folders:
                    folders.append(folder)
                    for skipped in below:
                        on_skipped(skipped)
                else:
                    reason = "a folder without images"
        elif reason is None:
            images.append(entry)
        if reason is not None:
            expected = entry.name.startswith(".") or entry.name.lower() in _EVERYWHERE
            on_skipped(SkippedFile(entry, reason, expected))
    return ImageFolder(path, tuple(images), tuple(folders))


def _reason_to_skip(entry: Path) -> str | None:
    """Say why a file is no image, or a folder not to be looked into; None for all others."""
    if entry.name.startswith("."):
        return "hidden"
    if entry.name.lower() in _SYSTEM:
        return "left by the system or a file manager"
    try:
        mode = entry.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return "a link that leads nowhere"
    except OSError:
        if entry.is_symlink():
            return "a link that leads nowhere"
        raise
    if stat.S_ISDIR(mode):
        return None
    if not stat.S_ISREG(mode):
        return "a pipe, socket or device"
    if entry.suffix.lower() in IMAGE_ENDINGS:
        return None
    if _COPIES.search(entry.name):
        return "a backup or an unfinished download"
    with open(entry, "rb") as file:
        looks_like_one = _SIGNATURE.match(file.read(_SIGNATURE_BYTES))
    return None if looks_like_one else "no image by its name and its first bytes"


def find_images(path: Path, on_skipped: OnSkipped | None = None) -> list[Path]:
    """List the images in a folder and in all folders in it.

    Args:
        path: The folder.
        on_skipped: As for `load_folder`.

    Returns:
        The files, sorted by folder, then by name.

    Raises:
        ValueError: If there are none; names the folder.
        OSError: If a folder cannot be listed.
    """
    with reporting(on_skipped) as skip:
        images = scan_folder(path, skip).all_images
    if not images:
        raise ValueError(
            f"{str(path)!r} must hold images. Received: none. Name an image, or a folder of images."
        )
    return images


@contextlib.contextmanager
def reporting(on_skipped: OnSkipped | None) -> Iterator[OnSkipped]:
    """Hand out what to call with each file that is left out.

    Args:
        on_skipped: The caller's, or None for one warning at the end, of the files that do not lie
            in nearly every folder.

    Yields:
        What to call.

    Raises:
        ValueError: If the caller's cannot be called.
    """
    if on_skipped is not None:
        if not callable(on_skipped):
            raise ValueError(
                "`on_skipped` must be a function that is called with each file that is left out. "
                f"Received: {on_skipped!r}. Give one, such as [].append or print, or None."
            )
        yield on_skipped
        return
    skipped: list[SkippedFile] = []
    yield skipped.append
    lines = describe_skipped([file for file in skipped if not file.expected])
    if lines:
        warnings.warn(f"left out: {'; '.join(lines)}", UserWarning, stacklevel=_caller_level())


def describe_skipped(skipped: list[SkippedFile]) -> list[str]:
    """Say which files were left out.

    Args:
        skipped: The files.

    Returns:
        A line for each reason, such as "'a/.x', 'a/.y' (hidden)"; it names ten of them.
    """
    reasons: dict[str, list[Path]] = {}
    for file in skipped:
        reasons.setdefault(file.reason, []).append(file.path)
    lines = []
    for reason, paths in reasons.items():
        names = ", ".join(repr(str(path)) for path in paths[:_LISTED])
        more = f" and {len(paths) - _LISTED} more" if len(paths) > _LISTED else ""
        lines.append(f"{names}{more} ({reason})")
    return lines


def _caller_level() -> int:
    """Count the frames of this package, so that a warning names the caller's line."""
    level, frame = 1, sys._getframe(1)
    package = __name__.partition(".")[0]
    while frame.f_back is not None and (
        frame.f_globals.get("__name__", "").partition(".")[0] in (package, "contextlib")
    ):
        level, frame = level + 1, frame.f_back
    return level
