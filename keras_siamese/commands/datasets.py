"""The images that a command trains on or evaluates on, by name or folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from keras_siamese import data
from keras_siamese.commands.folders import FolderOptions, told_files
from keras_siamese.data.unreadable import what_is_at

OMNIGLOT = "omniglot"
GLYPHS = "glyphs"

Name = Annotated[
    str,
    typer.Argument(
        metavar="DATA",
        help="A folder of images (a folder for each class, with two images or more; see --labels), "
        "or omniglot, or glyphs.",
    ),
]
DataDir = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Folder with Omniglot's archives; else KERAS_SIAMESE_DATA, else they are downloaded.",
    ),
]


def check(name: str, *, data_dir: Path | None, folder: FolderOptions) -> None:
    """Check the options about images of a command line, before anything is loaded.

    Args:
        name: As for `load`.
        data_dir: As for `load`.
        folder: As for `load`.

    Raises:
        ValueError: If there is no such data set, or an option is not for it.
    """
    if name != OMNIGLOT and data_dir is not None:
        raise ValueError(f"--data-dir must be for omniglot. Received: DATA {name!r}. Drop it.")
    if name in (OMNIGLOT, GLYPHS):
        folder.check_unused(name)
        return
    if not Path(name).is_dir():
        raise ValueError(
            f"DATA must be omniglot, glyphs or a folder of class folders. Received: {name!r}, "
            f"which is {what_is_at(name)}. Correct it."
        )
    folder.check(Path(name))


def check_ways(name: str, n_way: int, n_shot: int, *, folder: FolderOptions) -> None:
    """Check how many classes a trial has, before anything is loaded.

    Args:
        name: As for `load`.
        n_way: Classes in a trial.
        n_shot: Images of each; one more is the query.
        folder: As for `load`.

    Raises:
        ValueError: If the data set has fewer classes that a trial can draw from.
        OSError: If a folder cannot be read.
    """
    # Both import NumPy.
    from keras_siamese.data.datasets.glyphs import CHARACTERS_PER_ALPHABET
    from keras_siamese.data.datasets.omniglot import SUBSETS

    if name == OMNIGLOT:
        most, of = max(SUBSETS["evaluation"].num_characters.values()), "characters of an alphabet"
    elif name == GLYPHS:
        most, of = CHARACTERS_PER_ALPHABET, "characters of an alphabet"
    else:
        most = folder.num_classes(Path(name), n_shot + 1)
        of = f"classes with {n_shot + 1} images or more"
    if most < 2:
        raise ValueError(
            f"{name!r} must have at least 2 {of} for trials with {n_shot} image(s) per class. "
            f"Received: {most}. Add images, or lower --n-shot."
        )
    if n_way > most:
        raise ValueError(
            f"--n-way must be at most {most}, the number of {of} in {name!r}. Received: {n_way}. "
            "Lower it, or add classes."
        )


def load(
    name: str,
    *,
    subset: str,
    seed: int,
    reading: data.Preprocessing,
    look: Mapping[str, str],
    data_dir: Path | None,
    folder: FolderOptions,
) -> data.ImageDataset:
    """Load the images that a command line names.

    Args:
        name: "omniglot", "glyphs" or a folder.
        subset: Of Omniglot, "background" or "evaluation".
        seed: Of the glyphs: another seed has other characters.
        reading: How the images of a folder are read; its size is that of all images.
        look: What the command line says about that, of `reading.told_look`; for a folder.
        data_dir: Folder with Omniglot's archives, or None.
        folder: What the command line says about a folder.

    Returns:
        The images.

    Raises:
        ValueError: If there is no such data set, its images are damaged (all of a folder's are
            listed on stderr before), or an option is not for it.
        OSError: If files cannot be read or downloaded.
    """
    check(name, data_dir=data_dir, folder=folder)
    if name in (OMNIGLOT, GLYPHS):
        if look or reading.color != "grey":
            raise ValueError(
                "--polarity, --paper, --color and networks on colour must be for a folder of "
                f"images. Received: DATA {name!r}, whose images are grey and ready. Drop them."
            )
        if name == OMNIGLOT:
            return data.load_omniglot(subset, size=reading.size, data_dir=data_dir)
        return data.make_glyphs(size=_side(reading.size), seed=seed)
    with told_files(folder.skip_unreadable) as report:
        return data.load_folder(name, preprocessing=reading, **folder.layout, **report.callbacks)


def protocol(name: str) -> str:
    """Return how one-shot trials are drawn: a drawer's number means a person in two sets only."""
    return "within-alphabet" if name in (OMNIGLOT, GLYPHS) else "across-alphabets"


def _side(size: tuple[int, int]) -> int:
    if size[0] != size[1]:
        raise ValueError(
            "--model must take square images, as glyphs are. Received: one that takes "
            f"{size[0]}x{size[1]} pixels. Name another, or other DATA."
        )
    return size[0]
