"""Drawing one-shot runs from a data set (Koch et al. 2015, sec. 4.3)."""

from __future__ import annotations

import numpy as np

from keras_siamese.data.argument_checks import check_whole, random_generator
from keras_siamese.data.dataset import ImageDataset
from keras_siamese.data.image_table import image_table
from keras_siamese.data.lake_runs import official_runs as official_runs
from keras_siamese.data.one_shot_runs import PROTOCOLS
from keras_siamese.data.one_shot_runs import OneShotRuns as OneShotRuns


def sample_runs(
    dataset: ImageDataset,
    *,
    num_runs: int,
    n_way: int = 20,
    n_shot: int = 1,
    n_query: int | None = None,
    protocol: str = "within-alphabet",
    runs_per_alphabet: int | None = None,
    seed: int,
) -> OneShotRuns:
    """Draw one-shot runs laid out as Lake's official ones.

    Source: Koch et al. 2015, sec. 4.3. A run takes one alphabet, `n_way` of its characters in a
    random order, the support images from one drawer (from `n_shot` drawers) and all its queries
    from one other drawer, each of a different character. With `runs_per_alphabet=None` the
    alphabets get equal numbers of runs, and a remainder goes to alphabets drawn at random.
    Across alphabets each class draws its own drawers, who never share its support and its query:
    one drawer number stands for different people in different alphabets.

    Open in Koch et al. 2015, sec. 3.2: how the 320 validation trials are laid out. Decided: 16 runs
    of 20 trials, two for each of 8 alphabets: `num_runs=16, runs_per_alphabet=2`.

    Args:
        dataset: Images to draw from; the runs refer to them and copy nothing.
        num_runs: Number of runs.
        n_way: Classes per run, at least 2.
        n_shot: Support images per class.
        n_query: Queries per run, at most `n_way`; None asks for every class once.
        protocol: "within-alphabet", or "across-alphabet" for classes from all alphabets, which is
            much easier: never mix the two.
        runs_per_alphabet: Draw `num_runs / runs_per_alphabet` of the alphabets at random and take
            this many runs from each; None for equal shares of all.
        seed: Seed of the draw.

    Returns:
        The runs, grouped by alphabet.

    Raises:
        ValueError: If an argument is out of range, an alphabet has too few characters, or too few
            drawers drew the same `n_way` characters.

    Example:
        >>> from keras_siamese import make_glyphs, sample_runs
        >>> glyphs = make_glyphs(num_alphabets=2, characters_per_alphabet=6, num_drawers=3)
        >>> runs = sample_runs(glyphs, num_runs=4, n_way=5, seed=0)
        >>> runs.support.shape, runs.num_trials
        ((4, 5, 1), 20)
    """
    n_query = n_way if n_query is None else n_query
    least = {"num_runs": (num_runs, 1), "n_way": (n_way, 2), "n_shot": (n_shot, 1)}
    for name, (value, minimum) in {**least, "n_query": (n_query, 1)}.items():
        check_whole(name, value, least=minimum)
    if n_query > n_way:
        raise ValueError(
            "`n_query` must be at most `n_way`: a run's queries come from one drawer, who drew "
            f"each character once. Received: n_query={n_query}, n_way={n_way}. Draw more runs."
        )
    if protocol not in PROTOCOLS[1:]:
        raise ValueError(f"`protocol` must be one of {PROTOCOLS[1:]}. Received: {protocol!r}")
    if len(dataset) == 0:
        raise ValueError(f"`dataset` must hold images. Received: an empty {dataset.name!r}")
    rng = random_generator(seed)
    if protocol == "within-alphabet":
        present = np.unique(dataset.alphabet)
        pools = {
            dataset.alphabet_names[alphabet]: np.flatnonzero(dataset.alphabet == alphabet)
            for alphabet in present[_draw_alphabets(len(present), num_runs, runs_per_alphabet, rng)]
        }
        counts = np.bincount(np.arange(num_runs) % len(pools))
    elif runs_per_alphabet is not None:
        raise ValueError(
            "`runs_per_alphabet` must be None for runs across alphabets. "
            f"Received: runs_per_alphabet={runs_per_alphabet}"
        )
    else:
        pools, counts = {"": np.arange(len(dataset))}, np.array([num_runs])
    runs = []
    # Sorted by name only after the draw, so that a remainder falls on no fixed alphabet.
    for name, count in sorted(zip(pools, counts, strict=True)):
        table = _checked_table(dataset, pools[name], name, n_way)
        for _ in range(count):
            if protocol == "within-alphabet":
                drawn = _draw_from_shared_drawers(table, n_way, n_shot, name, rng)
            else:
                drawn = _draw_from_own_drawers(table, n_way, n_shot, rng)
            answer = rng.permutation(n_way)[:n_query]
            runs.append((drawn[:, 1:], drawn[answer, 0], answer, name))
    support, queries, answers, groups = zip(*runs, strict=True)
    return OneShotRuns(
        images=dataset.images,
        support=np.stack(support).astype(np.int32),
        queries=np.stack(queries).astype(np.int32),
        answers=np.stack(answers).astype(np.int32),
        groups=groups,
        protocol=protocol,
    )


def _draw_alphabets(
    num_alphabets: int, num_runs: int, runs_per_alphabet: int | None, rng: np.random.Generator
) -> np.ndarray:
    """Return which alphabets take part, in a random order."""
    order = rng.permutation(num_alphabets)
    if runs_per_alphabet is None:
        return order[:num_runs]
    if not isinstance(runs_per_alphabet, int | np.integer) or (
        runs_per_alphabet < 1 or num_runs % runs_per_alphabet
    ):
        raise ValueError(
            "`runs_per_alphabet` must be at least 1 and divide `num_runs`. "
            f"Received: runs_per_alphabet={runs_per_alphabet}, num_runs={num_runs}"
        )
    if num_runs // runs_per_alphabet > num_alphabets:
        raise ValueError(
            f"`num_runs` must be at most {num_alphabets * runs_per_alphabet}, for the data has "
            f"{num_alphabets} alphabets and each gives {runs_per_alphabet} runs. "
            f"Received: num_runs={num_runs}. Raise `runs_per_alphabet` or leave it None."
        )
    return order[: num_runs // runs_per_alphabet]


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
