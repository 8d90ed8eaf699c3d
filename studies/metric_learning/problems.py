"""The three problems: classes that train, and other classes that are scored."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from keras_siamese.data import LAKE_ALPHABETS, ImageDataset, Preprocessing, load_omniglot
from keras_siamese.data.splits import VALIDATION_DRAWERS

SIZE = 35
# Those of the paper's training images (sec. 4.1), as decided in `paper_splits`.
TRAINING_DRAWERS = range(9, 21)
OMNIGLOT_CHOICE = ("Balinese", "Early_Aramaic", "Greek", "Hebrew", "Korean", "Latin")


@dataclass(frozen=True)
class MetricProblem:
    """A problem: images in groups, such as alphabets or scripts.

    Attributes:
        training: Images that train.
        tested: Images of other classes, which score.
        chosen_on: Groups of `training` on which the rates are chosen, after training on the others.
    """

    training: ImageDataset
    tested: ImageDataset
    chosen_on: tuple[str, ...]

    def choice(self) -> tuple[ImageDataset, ImageDataset]:
        """Return what trains and what scores while a rate is chosen; neither is of `tested`."""
        present = np.array(self.training.alphabet_names)[np.unique(self.training.alphabet)]
        others = [name for name in present.tolist() if name not in self.chosen_on]
        return (
            self.training.select(alphabets=others),
            self.training.select(alphabets=self.chosen_on),
        )


def omniglot_problem(data: Path | None) -> MetricProblem:
    """Return Omniglot: background alphabets train, the ten validation alphabets score.

    Drawers and alphabets are those of `paper_splits`. The ten test alphabets, which have the
    official runs, take no part.
    """
    background = load_omniglot("background", data_dir=data, size=SIZE)
    evaluation = load_omniglot("evaluation", data_dir=data, size=SIZE)
    others = [name for name in evaluation.alphabet_names if name not in LAKE_ALPHABETS]
    return MetricProblem(
        background.select(drawers=TRAINING_DRAWERS),
        evaluation.select(alphabets=others, drawers=VALIDATION_DRAWERS),
        OMNIGLOT_CHOICE,
    )


def font_problem(data: Path | None) -> MetricProblem:
    """Return characters in several fonts, in grey: two scripts train, two others score."""
    scripts = {"training": ("Beng", "Khmr"), "tested": ("Armn", "Laoo")}
    parts = {part: _domain("fonts", "grey", groups) for part, groups in scripts.items()}
    return MetricProblem(**parts, chosen_on=("Khmr",))


def flag_problem(data: Path | None) -> MetricProblem:
    """Return flags as photographs of them (simulated), in colour: other countries score.

    Those that train are the flags that the network for signs is trained on: of countries, of parts
    of countries, and some that a program made.
    """
    from studies.signs.training_set import TrainingSet, add_flags

    found = TrainingSet(_reading("rgb"))
    add_flags(found, np.random.default_rng(0))
    return MetricProblem(found.dataset(), _domain("flags", "rgb", ["flags"]), chosen_on=("flag 2",))


# Each takes the folder with Omniglot.
PROBLEMS: dict[str, Callable[[Path | None], MetricProblem]] = {
    "omniglot": omniglot_problem,
    "fonts": font_problem,
    "flags": flag_problem,
}


def _reading(color: str) -> Preprocessing:
    from studies.signs.sign_training import READING

    return replace(READING, size=(SIZE, SIZE), color=color)


def _domain(name: str, color: str, groups: Iterable[str]) -> ImageDataset:
    """Read the development pictures of some groups; their looks stand for drawers."""
    from studies.signs.domains import load_domain
    from studies.signs.training_set import TrainingSet

    domain = load_domain(name, "development")
    looks = sorted(set(domain.variants))
    found = TrainingSet(_reading(color))
    for picture, group, character, look in zip(
        domain.pictures, domain.groups, domain.names, domain.variants, strict=True
    ):
        if group in groups:
            found.add(picture, group, character, 1 + looks.index(look))
    return found.dataset()
