"""How a command reads images, and what the network sees of them, as files to look at."""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keras_siamese.commands.output import print_deprecated, print_status
from keras_siamese.data.images.image_formats import LARGEST_MAX_PIXELS, set_max_pixels

if TYPE_CHECKING:
    import numpy as np

    from keras_siamese.data import ImageDataset, Preprocessing

# What --polarity and --paper take: POLARITIES and PAPERS of the package, which import NumPy.
POLARITY_CHOICES = "dark_on_light|light_on_dark|auto"
PAPER_CHOICES = "find|level|keep|crop|redraw"

Polarity = Annotated[
    str | None,
    typer.Option(
        metavar=POLARITY_CHOICES,
        help="How images are read: what is drawn is darker or lighter than the paper, or each "
        "image is judged separately. Without it, as the network's file says.",
    ),
]
Paper = Annotated[
    str | None,
    typer.Option(
        metavar=PAPER_CHOICES,
        help="How images are read: find the drawing in each photograph, bring paper and ink to "
        "their levels, keep all levels, also crop small signs on plain paper, or make a drawing of "
        "any place, size and pen like those of Omniglot. Without it, as the network's file says.",
    ),
]
# The old name of --polarity, and of --paper redraw; `told_look` warns of it.
Ink = Annotated[str | None, typer.Option(hidden=True)]
SaveRead = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Write what the network sees of each image to this folder, as PNG files: white ink "
        "on black paper.",
    ),
]


def _allow(context: typer.Context, count: int | None) -> int | None:
    if count is not None:
        before = set_max_pixels(count)
        context.call_on_close(lambda: set_max_pixels(before))
    return count


# Applies to every reader while the command runs, so no command needs to pass it on.
MaxPixels = Annotated[
    int | None,
    typer.Option(
        min=1,
        max=LARGEST_MAX_PIXELS,
        callback=_allow,
        help="Largest image that is read, height times width; else 16777216 (16 megapixels). It "
        "bounds time and memory.",
    ),
]

_ENDING = ".png"


def told_look(polarity: str | None, paper: str | None, ink: str | None) -> dict[str, str]:
    """Return what a command line says about how images are read.

    Args:
        polarity: Of `--polarity`.
        paper: Of `--paper`.
        ink: Of `--ink`, the old name, which is reported on stderr.

    Returns:
        Those arguments of `Preprocessing` that are given.

    Raises:
        ValueError: If a value is unknown, or the same is given by old and new name.
    """
    from keras_siamese.argument_checks import check_choice
    from keras_siamese.data.images.paper_levels import POLARITIES
    from keras_siamese.data.images.preprocessing import PAPERS
    from keras_siamese.deprecated import current_ink

    if ink is not None:
        look = current_ink(ink, {"polarity": polarity, "paper": paper})
        now = " ".join(f"--{name} {word}" for name, word in look.items())
        print_deprecated("--ink", now)
        return look
    look = {}
    if polarity is not None:
        look["polarity"] = check_choice("polarity", polarity, POLARITIES)
    if paper is not None:
        look["paper"] = check_choice("paper", paper, PAPERS)
    return look


def check_folder(folder: Path | None) -> None:
    """Check where images are to be written, before there is any work.

    Args:
        folder: The folder, which may not exist yet; or None.

    Raises:
        ValueError: If it is a file.
    """
    if folder is not None and folder.exists() and not folder.is_dir():
        raise ValueError(
            f"--save-read must be a folder. Received: {str(folder)!r}, a file. Name another."
        )


def tell_notes(context: typer.Context) -> Callable[[str], None]:
    """Print what the reading notes of images on stderr, a line each, until the command ends.

    Args:
        context: The command's.

    Returns:
        Prints a further text in the same way; what was printed before is not printed again.
    """
    told: set[str] = set()

    def tell(text: str) -> None:
        if text not in told:
            told.add(text)
            print_status(f"keras-siamese: {text}")

    context.with_resource(_notes_to(tell))
    return tell


@contextlib.contextmanager
def _notes_to(tell: Callable[[str], None]) -> Iterator[None]:
    """Hand the text of every `ReadingWarning` to a function."""
    from keras_siamese.data import ReadingWarning

    with warnings.catch_warnings():
        show = warnings.showwarning

        def shown(
            message: Warning | str, category: type[Warning], *place: Any, **more: Any
        ) -> None:
            if issubclass(category, ReadingWarning):
                tell(" ".join(str(message).split()))
            else:
                show(message, category, *place, **more)

        warnings.showwarning = shown
        warnings.simplefilter("always", ReadingWarning)
        yield


def save_files(folder: Path | None, files: Iterable[Path], preprocessing: Preprocessing) -> None:
    """Write images as a network sees them, named and laid out like their files.

    Args:
        folder: Where to, made where it is missing; None for nowhere.
        files: Files of images. Those that cannot be read are left out.
        preprocessing: How they are read.

    Raises:
        OSError: If a file cannot be written.
    """
    if folder is None:
        return
    for file, place in _places([Path(os.path.abspath(file)) for file in files]):
        try:
            # Notes were reported when the answer was made.
            image, _ = preprocessing.read_noted(file)
        except (ValueError, OSError):
            continue
        _write(folder / place, image)


def save_dataset(folder: Path | None, dataset: ImageDataset) -> None:
    """Write the images of a data set: a folder per class, and in it the drawers' numbers.

    Args:
        folder: Where to, made where it is missing; None for nowhere.
        dataset: The images.

    Raises:
        OSError: If a file cannot be written.
    """
    if folder is None:
        return
    for image, label, drawer in zip(dataset.images, dataset.labels, dataset.drawer, strict=True):
        # A label may come from a table, and must not lead out of the folder.
        parts = [part if part not in ("", ".", "..") else "_" for part in str(label).split("/")]
        _write(folder.joinpath(*parts, f"{drawer}{_ENDING}"), image)


def _places(files: list[Path]) -> Iterator[tuple[Path, Path]]:
    """Yield each file once, with its place below the folder that all files have in common."""
    root = Path(os.path.commonpath([file.parent for file in files])) if files else Path()
    taken: set[Path] = set()
    for file in dict.fromkeys(files):
        place = file.relative_to(root)
        # Of scan.jpg and scan.png in one folder, each has its own.
        if place.suffix.lower() != _ENDING:
            place = place.with_name(place.name + _ENDING)
        while place in taken:
            place = place.with_name(f"{place.stem}_{_ENDING}")
        taken.add(place)
        yield file, place


def _write(path: Path, image: np.ndarray) -> None:
    from PIL import Image

    from keras_siamese.atomic import atomic_write

    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(path) as file:
        Image.fromarray(image[..., 0] if image.shape[2] == 1 else image).save(file, "PNG")
