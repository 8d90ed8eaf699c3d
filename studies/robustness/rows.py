"""The rows of the suite: pictures of one look or one domain, and trials on them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from keras_siamese.data import ImageDataset, OneShotEpisodes, load_omniglot, sample_episodes
from keras_siamese.data.splits import LAKE_ALPHABETS
from studies.robustness.looks import LOOKS, render
from studies.signs.domains import Domain, load_domain
from studies.signs.trials import FEWER_WAYS, N_WAY, no_images

TRIALS = 240
# Where pictures of one class agree in colour, as far as anything does.
IN_COLOR = ("emoji", "flags", "photographs")
SUBSETS = {"development": "background", "test": "evaluation"}


@dataclass(frozen=True)
class SuiteRow:
    """Pictures and trials that every method of the suite is scored on.

    Attributes:
        name: Look or domain.
        kind: "look" or "domain".
        pictures: As users have them, each `(height, width, 3)`, uint8; of any sizes.
        trials: The trials; their indices count `pictures`, their `images` are empty.
        data: Where the pictures come from, as JSON types.
        in_color: Whether colour thumbnails are scored, too.
    """

    name: str
    kind: str
    pictures: list[np.ndarray]
    trials: OneShotEpisodes
    data: dict[str, Any] = field(default_factory=dict)
    in_color: bool = False


def look_row(
    look: str, part: str, *, trials: int = TRIALS, seed: int = 0, data_dir: Path | None = None
) -> SuiteRow:
    """Draw trials within alphabets of Omniglot, and render their drawings in a look.

    Every look gets the same trials. Support images and queries are by two drawers, and each drawing
    is rendered from a separate seed.

    Args:
        look: One of `LOOKS`.
        part: "development" for the background alphabets, which the shipped networks were trained
            on; "test" for the alphabets of the official runs, which nothing was chosen or fitted
            on. Both leave out alphabets of fewer than 20 characters.
        trials: Number of trials, 20 of each episode; an episode has fewer where fewer are asked
            for.
        seed: Seed of trials and pictures.
        data_dir: Folder with Omniglot, or None for `KERAS_SIAMESE_DATA` or the public download.

    Returns:
        The row.

    Raises:
        ValueError: If there is no such look or part.
    """
    dataset = load_omniglot(SUBSETS[part], data_dir=data_dir)
    members = np.bincount(dataset.alphabet[np.unique(dataset.character, return_index=True)[1]])
    dataset = dataset.select(
        alphabets=[
            name
            for name, n in zip(dataset.alphabet_names, members, strict=True)
            if n >= N_WAY and (part != "test" or name in LAKE_ALPHABETS)
        ]
    )
    num_episodes, n_query = _layout(trials, N_WAY)
    episodes = sample_episodes(
        dataset, num_episodes=num_episodes, n_way=N_WAY, n_query=n_query, seed=seed
    )
    used, episodes = _renumbered(episodes)
    pictures = [
        render(dataset.images[index, ..., 0] > 0, look, seed * len(dataset) + int(index))
        for index in used
    ]
    data = {"name": dataset.name, "alphabets": len(set(episodes.groups)), "pictures": len(used)}
    return SuiteRow(look, "look", pictures, episodes, data)


def domain_row(domain: Domain, *, trials: int = TRIALS, seed: int = 0) -> SuiteRow:
    """Draw trials within the groups of a domain; a query and its support image differ in variant.

    Args:
        domain: The domain.
        trials: Number of trials, as for `look_row`.
        seed: Seed of the trials.

    Returns:
        The row.

    Raises:
        ValueError: If no group has enough classes with two variants.
    """
    ways = FEWER_WAYS.get(domain.name, N_WAY)
    dataset = _as_dataset(domain)
    num_episodes, n_query = _layout(trials, ways)
    groups = _groups_with(dataset, ways)
    if not groups:
        raise ValueError(
            f"`domain` must have a group of {ways} classes or more, each in two variants. "
            f"Received: {domain.name!r}, {domain.part}, without. Add pictures to it."
        )
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(groups))
    drawn = []
    for number in range(num_episodes):
        group = groups[order[number % len(groups)]]
        of_group = np.flatnonzero(dataset.alphabet == dataset.alphabet_names.index(group))
        # Its own two variants for each class: not every font has every character.
        episodes = sample_episodes(
            dataset.select(indices=of_group),
            num_episodes=1,
            n_way=ways,
            n_query=n_query,
            protocol="across-alphabets",
            seed=int(rng.integers(2**31)),
        )
        drawn.append(
            (of_group[episodes.support], of_group[episodes.queries], episodes.answers, group)
        )
    support, queries, answers, names = zip(*drawn, strict=True)
    episodes = OneShotEpisodes(
        images=no_images(len(dataset)),
        support=np.concatenate(support).astype(np.int32),
        queries=np.concatenate(queries).astype(np.int32),
        answers=np.concatenate(answers),
        groups=tuple(names),
        protocol="within-alphabet",
    )
    used, episodes = _renumbered(episodes)
    data = {
        "name": f"{domain.name}, {domain.part}",
        "classes": len(set(domain.names)),
        "groups": len(groups),
        "pictures": len(used),
        "sources": [source.describe() for source in domain.sources],
    }
    pictures = [domain.pictures[index] for index in used]
    return SuiteRow(domain.name, "domain", pictures, episodes, data, domain.name in IN_COLOR)


def make_row(
    name: str, part: str, *, trials: int = TRIALS, seed: int = 0, data_dir: Path | None = None
) -> SuiteRow:
    """Return the row of a look or a domain by its name; see `look_row` and `domain_row`."""
    if name in LOOKS:
        return look_row(name, part, trials=trials, seed=seed, data_dir=data_dir)
    return domain_row(load_domain(name, part), trials=trials, seed=seed)


def _layout(trials: int, ways: int) -> tuple[int, int]:
    """Return how many episodes, and how many queries of each, give a number of trials."""
    return max(1, trials // ways), min(ways, trials)


def _renumbered(episodes: OneShotEpisodes) -> tuple[np.ndarray, OneShotEpisodes]:
    """Return which images trials use, and the trials counting these alone."""
    every = np.concatenate([episodes.support.reshape(-1), episodes.queries.reshape(-1)])
    used, rows = np.unique(every, return_inverse=True)
    rows = rows.astype(np.int32)
    return used, replace(
        episodes,
        images=no_images(len(used)),
        support=rows[: episodes.support.size].reshape(episodes.support.shape),
        queries=rows[episodes.support.size :].reshape(episodes.queries.shape),
    )


def _as_dataset(domain: Domain) -> ImageDataset:
    """Return a domain's labels as those of a data set without images; a variant is a drawer."""
    columns = [
        np.unique(labels, return_inverse=True)
        for labels in (domain.groups, domain.names, domain.variants)
    ]
    (groups, group), (names, name), (_, variant) = columns
    return ImageDataset(
        images=no_images(len(domain.pictures)),
        alphabet=group.astype(np.int32),
        character=name.astype(np.int32),
        drawer=variant.astype(np.int32) + 1,
        alphabet_names=tuple(map(str, groups)),
        character_names=tuple(map(str, names)),
        name=domain.name,
    )


def _groups_with(dataset: ImageDataset, ways: int) -> list[str]:
    """Return the groups that have so many classes in two variants or more."""
    found = []
    for place, group in enumerate(dataset.alphabet_names):
        members = dataset.character[dataset.alphabet == place]
        if (np.bincount(members) > 1).sum() >= ways:
            found.append(group)
    return found
