"""The 20 official one-shot runs of Lake et al. (Omniglot's `all_runs.zip`)."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

import numpy as np

from keras_siamese.data.datasets.archives import data_folder, find_archive, read_files
from keras_siamese.data.datasets.omniglot import ALL_RUNS, IMAGE_SIZE
from keras_siamese.data.episodes import OneShotEpisodes
from keras_siamese.data.images.image_files import decode_binary

# Alphabet, drawer of the support and drawer of the queries of runs 01 to 20. The archive names
# none of them; they were found by matching its pixels with those of images_evaluation.zip.
LAKE_RUNS: tuple[tuple[str, int, int], ...] = (
    ("Atlantean", 5, 8),
    ("Atlantean", 3, 2),
    ("Ge_ez", 3, 7),
    ("Ge_ez", 4, 2),
    ("Glagolitic", 6, 4),
    ("Glagolitic", 3, 2),
    ("Gurmukhi", 5, 2),
    ("Gurmukhi", 8, 3),
    ("Kannada", 2, 1),
    ("Kannada", 8, 3),
    ("Malayalam", 3, 7),
    ("Malayalam", 4, 2),
    ("Manipuri", 8, 4),
    ("Manipuri", 7, 3),
    ("Old_Church_Slavonic_(Cyrillic)", 4, 8),
    ("Old_Church_Slavonic_(Cyrillic)", 1, 2),
    ("Tengwar", 1, 4),
    ("Tengwar", 8, 7),
    ("Tibetan", 1, 3),
    ("Tibetan", 8, 5),
)
N_WAY = 20

# SHA-256 of the 800 images' ink, packed, and the 400 answers.
_DIGEST = "b9c95a0d7a114efb329d8a98bad6e3788d66c51ad2b0707ba07946c29ccda992"
_LABEL = re.compile(r"run(\d+)/test/item(\d+)\.png\s+run(\d+)/training/class(\d+)\.png")


def official_runs(
    *,
    data_dir: str | os.PathLike[str] | None = None,
    cache_dir: str | os.PathLike[str] | None = None,
    size: int | tuple[int, int] = 105,
    download: bool = True,
) -> OneShotEpisodes:
    """Load Lake's 20 official runs of 20-way one-shot trials, 400 trials in all.

    Source: Lake, Salakhutdinov and Tenenbaum 2015 (MIT licence), `all_runs.zip` of
    https://github.com/brendenlake/omniglot; the trials of Koch et al. 2015, sec. 4.3 and Table 2.
    Ten alphabets, two runs each; a run is one episode, whose support set is by one drawer and whose
    queries are by another.

    Args:
        data_dir: Folder with `all_runs.zip` or the unpacked folders `run01` to `run20` (also
            inside a folder `all_runs`); None for the environment variable `KERAS_SIAMESE_DATA`.
        cache_dir: Folder for the download; None for the environment variable
            `KERAS_SIAMESE_CACHE`, or `~/.cache/keras_siamese`.
        size: Side of the images in pixels, or (height, width). 35 gives means of 3x3 blocks.
        download: Whether a missing archive may be downloaded.

    Returns:
        Runs in the archive's order: support class01 to class20, queries item01 to item20, images
        `(800, size, size, 1)`, uint8, ink 255, run by run, support before queries.

    Raises:
        ValueError: If the archive is damaged, incomplete, or holds other runs.
        FileNotFoundError: If the data folder named does not hold the archive.
        OSError: If the download fails.

    Example:
        >>> from keras_siamese import official_runs
        >>> official_runs(size=35).num_trials  # doctest: +SKIP
        400
    """
    named = data_folder(data_dir)
    if named is not None and (named / "run01").is_dir() and not (named / "all_runs.zip").exists():
        paths = [named / _run_name(run) for run in range(len(LAKE_RUNS))]
        files = {
            f"{path.name}/{name}": content
            for path in paths
            if path.is_dir()
            for name, content in read_files(path)
        }
        source = named
    else:
        source = find_archive(
            ALL_RUNS, data_dir=data_dir, cache_dir=cache_dir, download_missing=download
        )
        files = dict(read_files(source))
    ink, answers = _parse(source, files)
    digest = hashlib.sha256(np.packbits(ink).tobytes() + answers.astype("<i4").tobytes())
    if digest.hexdigest() != _DIGEST:
        raise ValueError(
            f"{str(source)!r} must hold Lake's official runs. Received: other images or labels. "
            f"Fetch the original archive {ALL_RUNS.url}, or draw your own with `sample_episodes`."
        )
    index = np.arange(len(LAKE_RUNS) * 2 * N_WAY, dtype=np.int32).reshape(-1, 2, N_WAY)
    episodes = OneShotEpisodes(
        images=ink[..., None] * np.uint8(255),
        support=index[:, 0, :, None],
        queries=index[:, 1],
        answers=answers,
        groups=tuple(alphabet for alphabet, _, _ in LAKE_RUNS),
        protocol="official",
    )
    return episodes.resized(size)


def run_files() -> tuple[str, ...]:
    """Return the names of the 800 images inside `all_runs.zip`, in the order of `official_runs`.

    Returns:
        Run by run "run01/training/class01.png" to "class20.png", then "run01/test/item01.png" to
        "item20.png".
    """
    return tuple(
        f"{_run_name(run)}/{part}{number:02d}.png"
        for run in range(len(LAKE_RUNS))
        for part in ("training/class", "test/item")
        for number in range(1, N_WAY + 1)
    )


def _run_name(run: int) -> str:
    return f"run{run + 1:02d}"


def _parse(source: Path, files: dict[str, bytes]) -> tuple[np.ndarray, np.ndarray]:
    """Return the ink `(800, 105, 105)`, bool, and the answers `(20, 20)`, int32."""
    names = run_files()
    labels = [f"{_run_name(run)}/class_labels.txt" for run in range(len(LAKE_RUNS))]
    missing = [name for name in (*names, *labels) if name not in files]
    if missing:
        raise ValueError(
            f"{str(source)!r} must hold {len(LAKE_RUNS)} runs of {N_WAY} training images, {N_WAY} "
            f"test images and class_labels.txt. Received: {len(missing)} files missing, such as "
            f"{missing[0]!r}. Fetch the original archive {ALL_RUNS.url}."
        )
    ink = np.stack([decode_binary(files[name], f"{source}: {name}", IMAGE_SIZE) for name in names])
    answers = np.stack([_parse_labels(source, label, files[label]) for label in labels])
    return ink, answers


def _parse_labels(source: Path, name: str, content: bytes) -> np.ndarray:
    """Return the place of each query's class from one `class_labels.txt`, `(20,)`, int32."""
    run = int(name[3:5])
    answers = np.full(N_WAY, -1, np.int32)
    for line in content.decode("utf-8", errors="replace").splitlines():
        label = _LABEL.fullmatch(line.strip())
        numbers = [int(number) for number in label.groups()] if label else [0] * 4
        in_range = all(1 <= number <= N_WAY for number in numbers[1::2])
        if numbers[::2] != [run, run] or not in_range:
            raise ValueError(
                f"{str(source)!r}: {name!r} must hold lines 'run{run:02d}/test/itemNN.png "
                f"run{run:02d}/training/classNN.png'. Received: {line!r}. Fetch the original "
                f"archive {ALL_RUNS.url}."
            )
        answers[numbers[1] - 1] = numbers[3] - 1
    if answers.min() < 0:
        raise ValueError(
            f"{str(source)!r}: {name!r} must label {N_WAY} test images. Received: no label of "
            f"item{int(answers.argmin()) + 1:02d}. Fetch the original archive "
            f"{ALL_RUNS.url}."
        )
    return answers
