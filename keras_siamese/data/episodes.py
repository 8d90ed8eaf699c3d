"""One-shot episodes: a support set, queries and their answers, given or drawn from a data set.

They are those of Koch et al. 2015, sec. 4.3.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from keras_siamese.argument_checks import check_choice, check_whole, random_generator
from keras_siamese.data.dataset import ImageDataset, check_indices, image_table
from keras_siamese.data.resampling import resize_images
from keras_siamese.deprecated import current_protocol, with_old_arguments

PROTOCOLS = ("official", "within-alphabet", "across-alphabets")


@dataclass(frozen=True, eq=False)
class OneShotEpisodes:
    """Episodes of one-shot trials by image index.

    One query and the episode's support set are a trial.

    Attributes:
        images: `(m, height, width, channels)`, uint8, ink 255 and paper 0.
        support: `(episodes, n_way, n_shot)`, int32, indices into `images`.
        queries: `(episodes, n_query)`, int32, indices into `images`.
        answers: `(episodes, n_query)`, int32, the true class's place along the `n_way` axis.
        groups: For each episode its alphabet's name, or "" for episodes across alphabets.
        protocol: "official", "within-alphabet" or "across-alphabets".

    Raises:
        ValueError: If the arrays do not fit each other, an index has no image, or an answer no
            class.
    """

    images: np.ndarray
    support: np.ndarray
    queries: np.ndarray
    answers: np.ndarray
    groups: tuple[str, ...]
    protocol: str

    def __post_init__(self) -> None:
        """Check that the arrays fit each other."""
        object.__setattr__(self, "protocol", current_protocol(self.protocol))
        if self.images.ndim != 4 or self.images.dtype != np.uint8:
            raise ValueError(
                "`images` must be a uint8 array of shape (m, height, width, channels). Received: "
                f"{self.images.dtype} of shape {self.images.shape}. Convert them, ink 255."
            )
        if self.protocol not in PROTOCOLS:
            raise ValueError(
                f"`protocol` must be one of {PROTOCOLS}. Received: {self.protocol!r}. Choose from "
                "that list."
            )
        if self.support.ndim != 3 or self.support.shape[1] < 2 or not self.support.size:
            raise ValueError(
                "`support` must have shape (episodes, n_way, n_shot), with at least one episode, "
                f"two classes and one shot. Received: {self.support.shape}. Reshape it, or add "
                "what is missing."
            )
        num_episodes, n_way, _ = self.support.shape
        fits = self.queries.ndim == 2 and len(self.queries) == num_episodes and self.queries.size
        if not fits or self.answers.shape != self.queries.shape or len(self.groups) != num_episodes:
            raise ValueError(
                f"`queries` and `answers` must have one shape ({num_episodes}, n_query) with at "
                f"least one query, and `groups` {num_episodes} names, one per episode of "
                f"`support`. Received: {self.queries.shape}, {self.answers.shape} and "
                f"{len(self.groups)} names. Give each episode its queries, answers and name."
            )
        limits = {"support": len(self.images), "queries": len(self.images), "answers": n_way}
        for name, limit in limits.items():
            values = getattr(self, name)
            if values.dtype != np.int32 or values.min() < 0 or values.max() >= limit:
                raise ValueError(
                    f"`{name}` must be int32 from 0 to {limit - 1}, since there are {limit} "
                    f"{'classes' if name == 'answers' else 'images'}. Received: {values.dtype} "
                    f"from {values.min()} to {values.max()}. Convert them to int32, and count from "
                    "0."
                )

    @property
    def num_trials(self) -> int:
        """Number of queries in all episodes."""
        return self.queries.size

    def select(self, chosen: np.ndarray) -> OneShotEpisodes:
        """Return some of the episodes, with the same images.

        Args:
            chosen: Which: `(episodes,)`, bool, or their places, whole numbers.

        Returns:
            Episodes, in the order of `chosen`.

        Raises:
            ValueError: If none is chosen, or an episode is not there.
        """
        chosen = check_indices("chosen", chosen, len(self.groups), "the episodes")
        return replace(
            self,
            support=self.support[chosen],
            queries=self.queries[chosen],
            answers=self.answers[chosen],
            groups=tuple(np.array(self.groups)[chosen].tolist()),
        )

    def resized(self, size: int | tuple[int, int]) -> OneShotEpisodes:
        """Return the same episodes with images of another size.

        Args:
            size: New side in pixels, or (height, width), as for `ImageDataset.resized`.

        Returns:
            Episodes whose images are `(m, height, width, channels)`, uint8.
        """
        return replace(self, images=resize_images(self.images, size))


def check_protocol(protocol: Any) -> str:
    """Check how the classes of an episode are drawn.

    Args:
        protocol: What was given.

    Returns:
        "within-alphabet" or "across-alphabets".

    Raises:
        ValueError: If it is not one of them.
    """
    return check_choice("protocol", current_protocol(protocol), PROTOCOLS[1:])


@with_old_arguments
def sample_episodes(
    dataset: ImageDataset,
    *,
    num_episodes: int,
    n_way: int = 20,
    n_shot: int = 1,
    n_query: int | None = None,
    protocol: str = "within-alphabet",
    episodes_per_alphabet: int | None = None,
    seed: int,
) -> OneShotEpisodes:
    """Draw one-shot episodes laid out as Lake's official ones.

    Source: Koch et al. 2015, sec. 4.3. An episode takes one alphabet, `n_way` of its characters in
    a random order, the support images from one drawer (from `n_shot` drawers) and all its queries
    from one other drawer, each of a different character. With `episodes_per_alphabet=None` the
    alphabets get equal numbers of episodes, and a remainder goes to alphabets drawn at random.
    Across alphabets each class draws its own drawers, who never share its support and its query:
    one drawer number stands for different people in different alphabets.

    Open in Koch et al. 2015, sec. 3.2: how the 320 validation trials are laid out. Decided: 16
    episodes of 20 trials, two for each of 8 alphabets: `num_episodes=16, episodes_per_alphabet=2`.

    Args:
        dataset: Images to draw from; the episodes refer to them and copy nothing.
        num_episodes: Number of episodes.
        n_way: Classes per episode, at least 2.
        n_shot: Support images per class.
        n_query: Queries per episode, at most `n_way`; None asks for every class once.
        protocol: "within-alphabet", or "across-alphabets" for classes from all alphabets, which is
            much easier: never mix the two.
        episodes_per_alphabet: Draw `num_episodes / episodes_per_alphabet` of the alphabets at
            random and take this many episodes from each; None for equal shares of all.
        seed: Seed of the draw.

    Returns:
        The episodes, grouped by alphabet.

    Raises:
        ValueError: If an argument is out of range, an alphabet has too few characters, or too few
            drawers drew the same `n_way` characters.

    Example:
        >>> from keras_siamese import make_glyphs, sample_episodes
        >>> glyphs = make_glyphs(num_alphabets=2, characters_per_alphabet=6, num_drawers=3)
        >>> episodes = sample_episodes(glyphs, num_episodes=4, n_way=5, seed=0)
        >>> episodes.support.shape, episodes.num_trials
        ((4, 5, 1), 20)
    """
    n_query = n_way if n_query is None else n_query
    least = {"num_episodes": (num_episodes, 1), "n_way": (n_way, 2), "n_shot": (n_shot, 1)}
    for name, (value, minimum) in {**least, "n_query": (n_query, 1)}.items():
        check_whole(name, value, least=minimum)
    if n_query > n_way:
        raise ValueError(
            "`n_query` must be at most `n_way`: an episode's queries come from one drawer, who "
            f"drew each character once. Received: n_query={n_query}, n_way={n_way}. Draw more "
            "episodes."
        )
    protocol = check_protocol(protocol)
    if len(dataset) == 0:
        raise ValueError(
            f"`dataset` must hold images. Received: an empty {dataset.name!r}. Give one with "
            "images."
        )
    rng = random_generator(seed)
    if protocol == "within-alphabet":
        present = np.unique(dataset.alphabet)
        pools = {
            dataset.alphabet_names[alphabet]: np.flatnonzero(dataset.alphabet == alphabet)
            for alphabet in present[
                _draw_alphabets(len(present), num_episodes, episodes_per_alphabet, rng)
            ]
        }
        counts = np.bincount(np.arange(num_episodes) % len(pools))
    elif episodes_per_alphabet is not None:
        raise ValueError(
            "`episodes_per_alphabet` must be None for episodes across alphabets. Received: "
            f"episodes_per_alphabet={episodes_per_alphabet}. Leave it out."
        )
    else:
        pools, counts = {"": np.arange(len(dataset))}, np.array([num_episodes])
    episodes = []
    # Sorted by name only after the draw, so that a remainder falls on no fixed alphabet.
    for name, count in sorted(zip(pools, counts, strict=True)):
        table = _checked_table(dataset, pools[name], name, n_way)
        for _ in range(count):
            if protocol == "within-alphabet":
                drawn = _draw_from_shared_drawers(table, n_way, n_shot, name, rng)
            else:
                drawn = _draw_from_own_drawers(table, n_way, n_shot, rng)
            answer = rng.permutation(n_way)[:n_query]
            episodes.append((drawn[:, 1:], drawn[answer, 0], answer, name))
    support, queries, answers, groups = zip(*episodes, strict=True)
    return OneShotEpisodes(
        images=dataset.images,
        support=np.stack(support).astype(np.int32),
        queries=np.stack(queries).astype(np.int32),
        answers=np.stack(answers).astype(np.int32),
        groups=groups,
        protocol=protocol,
    )


def _draw_alphabets(
    num_alphabets: int,
    num_episodes: int,
    episodes_per_alphabet: int | None,
    rng: np.random.Generator,
) -> np.ndarray:
    """Return which alphabets take part, in a random order."""
    order = rng.permutation(num_alphabets)
    if episodes_per_alphabet is None:
        return order[:num_episodes]
    if not isinstance(episodes_per_alphabet, int | np.integer) or (
        episodes_per_alphabet < 1 or num_episodes % episodes_per_alphabet
    ):
        raise ValueError(
            "`episodes_per_alphabet` must be at least 1 and divide `num_episodes`. Received: "
            f"episodes_per_alphabet={episodes_per_alphabet}, num_episodes={num_episodes}. Give a "
            "divisor of `num_episodes`, or None."
        )
    if num_episodes // episodes_per_alphabet > num_alphabets:
        raise ValueError(
            f"`num_episodes` must be at most {num_alphabets * episodes_per_alphabet}, for the data "
            f"has {num_alphabets} alphabets and each gives {episodes_per_alphabet} episodes. "
            f"Received: num_episodes={num_episodes}. Raise `episodes_per_alphabet` or leave it "
            "None."
        )
    return order[: num_episodes // episodes_per_alphabet]


def _checked_table(dataset: ImageDataset, pool: np.ndarray, name: str, n_way: int) -> np.ndarray:
    """Return `(characters, drawers)`, the image of each character by each drawer, or -1."""
    table = image_table(dataset, pool)
    if len(table) < n_way:
        raise ValueError(
            f"`n_way` must be at most {len(table)}, the number of characters of "
            f"{_place(name)}. Received: n_way={n_way}. Lower it or select other alphabets."
        )
    return table


def _draw_from_shared_drawers(
    table: np.ndarray, n_way: int, n_shot: int, name: str, rng: np.random.Generator
) -> np.ndarray:
    """Draw `(n_way, 1 + n_shot)` images, each column of one drawer, the query's first."""
    drawers = _draw_drawers(table, n_way, n_shot + 1, name, rng)
    complete = np.flatnonzero((table[:, drawers] >= 0).all(axis=1))
    return table[rng.choice(complete, n_way, replace=False)][:, drawers]


def _draw_from_own_drawers(
    table: np.ndarray, n_way: int, n_shot: int, rng: np.random.Generator
) -> np.ndarray:
    """Draw `(n_way, 1 + n_shot)` images, each row of different drawers, the query's first."""
    complete = np.flatnonzero((table >= 0).sum(axis=1) > n_shot)
    if len(complete) < n_way:
        raise ValueError(
            f"`dataset` must have {n_way} characters by {n_shot + 1} drawers (the shots' and the "
            f"query's). Received: {len(complete)} such characters. Add drawers, or lower `n_way` "
            "or `n_shot`."
        )
    characters = rng.choice(complete, n_way, replace=False)
    return np.stack(
        [rng.choice(row[row >= 0], n_shot + 1, replace=False) for row in table[characters]]
    )


def _draw_drawers(
    table: np.ndarray, n_way: int, num_drawers: int, name: str, rng: np.random.Generator
) -> list[int]:
    """Draw drawers who all drew the same `n_way` characters at least."""
    present = table >= 0
    order = rng.permutation(table.shape[1])
    # Omniglot's drawers drew everything, so the first start succeeds; a gap tries the next.
    for start in range(len(order)):
        chosen: list[int] = []
        shared = np.ones(len(table), bool)
        for drawer in np.roll(order, -start):
            if (shared & present[:, drawer]).sum() >= n_way:
                shared &= present[:, drawer]
                chosen.append(int(drawer))
            if len(chosen) == num_drawers:
                return chosen
    raise ValueError(
        f"`dataset` must have, in {_place(name)}, {num_drawers} drawers (the shots' and the "
        f"query's) who drew the same {n_way} characters. Received: {table.shape[1]} drawers, too "
        "few of them complete. Add drawers, or lower `n_way` or `n_shot`."
    )


def _place(name: str) -> str:
    return f"alphabet {name!r}" if name else "all alphabets together"
