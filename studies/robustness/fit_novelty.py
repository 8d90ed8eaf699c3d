"""Fit what recognises pictures unlike a network's training images, and write it to the weights.

python -m studies.robustness.fit_novelty omniglot
python -m studies.robustness.fit_novelty signs
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from keras_siamese import Recognizer, load_omniglot
from keras_siamese.data import Preprocessing, ReadingWarning
from keras_siamese.data.pictures import read_pictures
from keras_siamese.evaluation.novelty import Novelty
from keras_siamese.pretrained import write_novelty
from reproduce.script import errors_told
from studies.robustness.looks import CLEAN, LOOKS, render
from studies.signs.domains import DOMAINS, load_domain

# Images that the distance is learned on, and others that make the score.
NUM_FITTED, NUM_OTHERS = 1000, 1200
# Share of the drawings that are as drawn; the others are in a look drawn at random.
CLEAN_SHARE = 0.25


@dataclass(frozen=True)
class FittingData:
    """Images like those a network was trained on, as the network takes them.

    Attributes:
        fitted: `(n, height, width, channels)`, uint8: the distance is learned on these.
        others: `(m, height, width, channels)`, uint8: these make the score.
        data: What they are, for the card.
    """

    fitted: np.ndarray
    others: np.ndarray
    data: str


def drawings(reading: Preprocessing, seed: int, data_dir: Path | None) -> FittingData:
    """Return drawings of the background alphabets, a quarter as drawn, the others in a look.

    The first ten drawers give the images that are fitted, the other ten those that make the score.
    """
    dataset = load_omniglot("background", data_dir=data_dir)
    looks = [look for look in LOOKS if look != CLEAN]
    rng = np.random.default_rng(seed)
    parts = []
    for drawers, count in ((dataset.drawer <= 10, NUM_FITTED), (dataset.drawer > 10, NUM_OTHERS)):
        chosen = rng.choice(np.flatnonzero(drawers), count, replace=False).tolist()
        clean, look = rng.random(count) < CLEAN_SHARE, rng.integers(len(looks), size=count)
        # Seeds beyond those of the suite's rows, whose pictures are others.
        pictures = [
            render(
                dataset.images[index, ..., 0] > 0,
                CLEAN if clean[place] else looks[look[place]],
                (seed + 1) * 10**6 + index,
            )
            for place, index in enumerate(chosen)
        ]
        parts.append(_read(pictures, reading))
    fitted, others = parts
    return FittingData(
        fitted,
        others,
        f"{NUM_FITTED:,} drawings of Omniglot's background set by drawers 1 to 10, and "
        f"{NUM_OTHERS:,} by drawers 11 to 20 for the score; {CLEAN_SHARE:.0%} of them as drawn, "
        f"the others in the {len(looks)} looks of the robustness suite.",
    )


def signs(reading: Preprocessing, seed: int, data_dir: Path | None) -> FittingData:
    """Return training images of the network for signs, and pictures of its development sets."""
    from studies.signs.sign_run import build_data

    dataset, _ = build_data(seed, data_dir)
    rng = np.random.default_rng(seed)
    chosen = rng.choice(len(dataset), NUM_FITTED, replace=False)
    fitted = dataset.select(indices=np.sort(chosen)).resized(reading.size).images
    pictures = []
    for name in DOMAINS:
        domain = load_domain(name, "development").pictures
        # As many of each kind, as far as there are.
        count = min(len(domain), NUM_OTHERS // len(DOMAINS))
        pictures += [domain[place] for place in rng.choice(len(domain), count, replace=False)]
    return FittingData(
        fitted,
        _read(pictures, reading),
        f"{NUM_FITTED:,} of its training images, and {len(pictures):,} pictures of the development "
        "sets of six domains for the score.",
    )


MATERIALS: dict[str, Callable[[Preprocessing, int, Path | None], FittingData]] = {
    "omniglot": drawings,
    "signs": signs,
}


def main(arguments: list[str] | None = None) -> None:
    """Fit and write the score of a network that ships."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("name", choices=tuple(MATERIALS), help="a network that ships")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--data", type=Path, help="folder with Omniglot")
    options = parser.parse_args(arguments)
    with errors_told("studies.robustness.fit_novelty"):
        recognizer = Recognizer.from_preset(options.name)
        material = MATERIALS[options.name](recognizer.preprocessing, options.seed, options.data)
        embeddings = recognizer.encode(material.fitted)
        novelty = Novelty.fit(embeddings, recognizer.encode(material.others))
        write_novelty(options.name, novelty, data=material.data, features=embeddings.shape[1])
    print(f"{options.name}: {material.data}")


def _read(pictures: list[np.ndarray], reading: Preprocessing) -> np.ndarray:
    """Read pictures; those that cannot be read are left out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ReadingWarning)
        return read_pictures(pictures, reading, on_unreadable=lambda error: None).images


if __name__ == "__main__":
    main()
