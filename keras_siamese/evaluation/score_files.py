"""Files of embeddings or scores that any framework can write, and their score on a protocol."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from keras_siamese.data.folders.label_tables import read_lines
from keras_siamese.data.omniglot_protocols import load_protocol
from keras_siamese.data.protocols import OneShotProtocol, Protocol
from keras_siamese.data.unreadable import sentence, what_is_at
from keras_siamese.evaluation.protocol_scores import (
    OneShotScore,
    VerificationScore,
    score_protocol,
    scores_shape,
)

ENDINGS = (".npz", ".npy", ".csv")


@dataclass(frozen=True)
class ScoreFile:
    """What a file holds: one of `scores` and `embeddings`, in the order of the protocol.

    Attributes:
        scores: As for `score_protocol`, or None.
        embeddings: As for `score_protocol`, or None.
        weights: As for `score_protocol`, or None.
    """

    scores: np.ndarray | None = None
    embeddings: np.ndarray | None = None
    weights: np.ndarray | None = None

    @property
    def kind(self) -> str:
        """What it holds: "scores" or "embeddings"."""
        return "scores" if self.embeddings is None else "embeddings"

    def score(
        self, protocol: Protocol, metric: str | None = None
    ) -> OneShotScore | VerificationScore:
        """Score what the file holds.

        Args:
            protocol: The protocol that it was read for.
            metric: As for `score_protocol`.

        Returns:
            As `score_protocol`.

        Raises:
            ValueError: As `score_protocol`.
        """
        return score_protocol(
            protocol,
            scores=self.scores,
            embeddings=self.embeddings,
            metric=metric,
            weights=self.weights,
        )


def score_file(
    path: str | os.PathLike[str],
    protocol: str | Protocol = "official",
    *,
    metric: str | None = None,
    data_dir: str | os.PathLike[str] | None = None,
) -> OneShotScore | VerificationScore:
    """Score a file of embeddings or scores on a protocol, as `keras-siamese score` does.

    Images are named as in `protocol.files`, for Omniglot as inside its archive; a longer path may
    precede a name.

    Args:
        path: A file.

            - `.npz` with `files`, names of images, and `embeddings`, `(images, features)`, as
              `keras-siamese embed` writes it; with `weights`, `(features,)`, for "l1" only, if the
              metric has some. Or with `scores` alone, in the order of `protocol`.
            - `.npy` with the embeddings, or the scores, in the order of `protocol`.
            - `.csv` with the column `file` and a column per feature. Or with the columns `trial`,
              `score` and, for one-shot trials, `candidate`; those columns that `protocol.rows()`
              has must say the same.
        protocol: Name, as for `load_protocol`, or the protocol.
        metric: "l1", "l2" or "cosine" for embeddings; none for scores.
        data_dir: Folder with Omniglot's archives, as for `load_protocol`.

    Returns:
        As `score_protocol`.

    Raises:
        ValueError: If the file is damaged or of another kind, an image or trial is missing or there
            twice, a number is not finite, or `metric` does not fit.
        OSError: If the file, or the archive, cannot be read.

    Example:
        >>> import numpy as np
        >>> from keras_siamese import make_glyphs, sample_episodes
        >>> from keras_siamese.data import OneShotProtocol
        >>> from keras_siamese.evaluation import score_file
        >>> glyphs = make_glyphs(num_alphabets=1, characters_per_alphabet=5, num_drawers=3)
        >>> episodes = sample_episodes(glyphs, num_episodes=4, n_way=5, seed=0)
        >>> names = [f"{i}.png" for i in range(15)]
        >>> np.savez("mine.npz", files=names, embeddings=glyphs.images.reshape(15, -1))
        >>> score_file("mine.npz", OneShotProtocol("glyphs", names, episodes), metric="l2").n
        20
    """
    if isinstance(protocol, str):
        protocol = load_protocol(protocol, data_dir=data_dir)
    return read_score_file(path, protocol).score(protocol, metric)


def read_score_file(path: str | os.PathLike[str], protocol: Protocol) -> ScoreFile:
    """Read a file of embeddings or scores.

    Args:
        path: As for `score_file`.
        protocol: What it is for.

    Returns:
        What it holds, in the order of the protocol.

    Raises:
        ValueError: As `score_file`, except for numbers and shapes.
        OSError: If the file cannot be read.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(
            f"Embeddings or scores must be in a file. Received: {str(path)!r}, which is "
            f"{what_is_at(path)}. Correct the path."
        )
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise ValueError(
            f"A file of embeddings or scores must end in {', '.join(ENDINGS)}. Received: "
            f"{path.name!r}. Save it as one of them."
        )
    if ending == ".csv":
        return _read_csv(path, protocol)
    held = _read_arrays(path)
    return (
        _of_array(path, held, protocol) if ending == ".npy" else _of_archive(path, held, protocol)
    )


def _read_arrays(path: Path) -> Any:
    """Return the array of a .npy file, or the arrays of a .npz file by their names."""
    # Opened here: NumPy leaves a damaged file open.
    with open(path, "rb") as file:
        try:
            held = np.load(file, allow_pickle=False)
            if isinstance(held, np.ndarray):
                return held
            return {name: held[name] for name in held.files}
        # NumPy meets damage in many ways, of which a tokenizer's error is one.
        except Exception as error:
            raise ValueError(
                f"{str(path)!r} must be a file of NumPy arrays of numbers or strings. Received: "
                f"one that cannot be read: {sentence(error)} Save it with numpy.savez or "
                "numpy.save."
            ) from error


def _of_array(path: Path, held: Any, protocol: Protocol) -> ScoreFile:
    """Tell embeddings from scores by the shape of an array."""
    expected = scores_shape(protocol)
    if not isinstance(held, np.ndarray):
        raise ValueError(
            f"{str(path)!r} must hold one array. Received: several, {sorted(held)}. Rename it: .npz"
        )
    if held.size == np.prod(expected) and held.shape[-1:] == expected[-1:]:
        return ScoreFile(scores=held)
    if held.ndim == 2 and len(held) == len(protocol.files):
        return ScoreFile(embeddings=held)
    raise ValueError(
        f"{str(path)!r} must have shape ({len(protocol.files)}, features) for embeddings, or "
        f"{expected} for scores, of {protocol.name!r}. Received: {held.shape}. Save all rows, in "
        "the order of `keras-siamese score list`; a .npz file may hold names and any order."
    )


def _of_archive(path: Path, held: Any, protocol: Protocol) -> ScoreFile:
    names = [] if isinstance(held, np.ndarray) else sorted(held)
    if names == ["scores"]:
        return ScoreFile(scores=held["scores"])
    if "scores" in names or not {"files", "embeddings"} <= set(names):
        raise ValueError(
            f"{str(path)!r} must hold either 'files' and 'embeddings', or 'scores' alone, in the "
            f"order of `keras-siamese score list`. Received: {names or 'one array without a name'}."
            " Save it with numpy.savez(path, files=..., embeddings=...)."
        )
    files, embeddings = held["files"], held["embeddings"]
    if files.ndim != 1 or files.dtype.kind not in "US":
        raise ValueError(
            f"{str(path)!r} must hold the names of images in 'files', one string per row. Received:"
            f" {files.dtype} of shape {files.shape}. Save a list of strings."
        )
    if embeddings.ndim != 2 or len(embeddings) != len(files):
        raise ValueError(
            f"{str(path)!r} must hold 'embeddings' of shape ({len(files)}, features), one row per "
            f"name in 'files'. Received: {embeddings.shape}. Flatten what is no vector."
        )
    text = [os.fsdecode(name) for name in files.tolist()]
    rows = _rows_of(path, text, protocol)
    return ScoreFile(embeddings=embeddings[rows], weights=held.get("weights"))


def _read_csv(path: Path, protocol: Protocol) -> ScoreFile:
    (_, header), *lines = read_lines(path)
    names = [name.strip().lower() for name in header]
    for number, cells in lines:
        if len(cells) != len(names):
            raise ValueError(
                f"{str(path)!r} must have {len(names)} cells in each line, as in its first. "
                f"Received: {len(cells)} in line {number}. Correct the table."
            )
    if names[0] in ("file", "files") and "score" not in names:
        rows = _rows_of(path, [cells[0] for _, cells in lines], protocol)
        return ScoreFile(embeddings=np.stack([_numbers(path, *lines[row]) for row in rows]))
    if "trial" in names and "score" in names:
        return ScoreFile(scores=_scores_of(path, names, lines, protocol))
    one_shot = isinstance(protocol, OneShotProtocol)
    needed = "trial, candidate and score" if one_shot else "trial and score"
    raise ValueError(
        f"{str(path)!r} must have the column file first, then a column per feature; or the columns "
        f"{needed}. Received: {header[:8]}. Name the columns like this."
    )


def _numbers(path: Path, line: int, cells: list[str]) -> np.ndarray:
    try:
        return np.array([float(cell) for cell in cells[1:]])
    except ValueError as error:
        raise ValueError(
            f"{str(path)!r} must have a number in each column after the first. Received: {error} "
            f"in line {line}. Correct the table."
        ) from error


def _scores_of(
    path: Path, names: list[str], lines: list[tuple[int, list[str]]], protocol: Protocol
) -> np.ndarray:
    """Return the scores of a table with a row per trial, or per trial and candidate."""
    columns = {name: place for place, name in enumerate(names)}
    keys = [name for name in ("trial", "candidate") if name in protocol.columns]
    missing = [name for name in keys if name not in columns]
    if missing or len(columns) != len(names):
        raise ValueError(
            f"{str(path)!r} must have the columns {', '.join([*keys, 'score'])}, each once. "
            f"Received: {names}. Add a column score to what `keras-siamese score list` writes."
        )
    listed = {
        tuple(str(row[protocol.columns.index(name)]) for name in keys): (place, row)
        for place, row in enumerate(protocol.rows())
    }
    told = [name for name in protocol.columns if name in columns and name not in keys]
    scores = np.full(len(listed), np.nan)
    found = np.zeros(len(listed), bool)
    for line, cells in lines:
        key = tuple(cells[columns[name]].strip() for name in keys)
        what = f"{' '.join(f'{n} {v}' for n, v in zip(keys, key, strict=True))} in line {line}"
        if key not in listed:
            raise ValueError(
                f"{str(path)!r} must have trials of {protocol.name!r}, which has "
                f"{scores_shape(protocol)[0]}. Received: {what}. List them with `keras-siamese "
                "score list`."
            )
        place, row = listed[key]
        if found[place]:
            raise ValueError(
                f"{str(path)!r} must have each score once. Received: {what} a second time. Drop it."
            )
        for name in told:
            expected = str(row[protocol.columns.index(name)])
            if _short(cells[columns[name]], [_slashed(expected)]) != _slashed(expected):
                raise ValueError(
                    f"{str(path)!r} must be of the protocol {protocol.name!r}, where {what} has "
                    f"{name} {expected!r}. Received: {cells[columns[name]]!r}. Score the list that "
                    "`keras-siamese score list` writes for this protocol."
                )
        try:
            scores[place] = float(cells[columns["score"]])
        except ValueError as error:
            raise ValueError(
                f"{str(path)!r} must have a number in the column score. Received: {error} in line "
                f"{line}. Correct the table."
            ) from error
        found[place] = True
    if not found.all():
        key = list(listed)[int(found.argmin())]
        raise ValueError(
            f"{str(path)!r} must have {len(found)} scores. Received: {found.sum()}; there is none "
            f"of {' '.join(f'{n} {v}' for n, v in zip(keys, key, strict=True))}. Score every row "
            "of `keras-siamese score list`."
        )
    return scores.reshape(scores_shape(protocol))


def _rows_of(path: Path, names: Iterable[str], protocol: Protocol) -> list[int]:
    """Return the row of each image of a protocol, by name; other images are left out."""
    rows: dict[str, int] = {}
    needed = {_slashed(name) for name in protocol.files}
    for row, name in enumerate(names):
        short = _short(name, needed)
        if short in rows and short in needed:
            raise ValueError(
                f"{str(path)!r} must name each image once. Received: {short!r} in rows "
                f"{rows[short] + 1} and {row + 1}. Drop one."
            )
        rows[short] = row
    missing = [name for name in protocol.files if _slashed(name) not in rows]
    if missing:
        example = next(iter(rows), "no image")
        raise ValueError(
            f"{str(path)!r} must have a row for each of the {len(protocol.files)} images of "
            f"{protocol.name!r}. Received: none for {len(missing)}, such as {missing[0]!r}; the "
            f"first row is of {example!r}. Name the images as in {protocol.archive or 'the list'}."
        )
    return [rows[_slashed(name)] for name in protocol.files]


def _short(name: str, known: Collection[str]) -> str:
    """Return the longest of the known names that a path ends in, or else the path."""
    parts = _slashed(name).split("/")
    ends = ["/".join(parts[start:]) for start in range(len(parts))]
    return next((end for end in ends if end in known), ends[0])


def _slashed(name: str) -> str:
    """Return a path as Unix writes it."""
    return name.strip().replace("\\", "/")
