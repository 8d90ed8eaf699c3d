"""One-shot trials of a domain, and the pairs that trials compare."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from keras_siamese.data import OneShotEpisodes, PairTable
from studies.signs.domains import Domain

N_WAY = 20
# Others would have no 20-way trial.
FEWER_WAYS = {"digits": 10}


def draw_domain_trials(domain: Domain, number: int, seed: int = 0) -> OneShotEpisodes:
    """Draw trials: a group, its classes, a query, and a picture of each class in another look.

    Args:
        domain: The domain; groups with fewer classes than ways give no trials.
        number: How many trials.
        seed: Seed of the draws.

    Returns:
        20-way trials, 10-way for digits. Each is a run of one query, whose own class comes first;
        their indices count the domain's pictures, their `images` are empty.
    """
    ways = FEWER_WAYS.get(domain.name, N_WAY)
    rng = np.random.default_rng(seed)
    places: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for i, (group, name) in enumerate(zip(domain.groups, domain.names, strict=True)):
        places[group][name].append(i)
    groups = sorted(group for group, classes in places.items() if len(classes) >= ways)
    queries: list[int] = []
    supports: list[list[int]] = []
    drawn: list[str] = []
    while len(queries) < number:
        group = groups[len(queries) % len(groups)]
        classes = places[group]
        names = rng.permutation(sorted(classes))[:ways].tolist()
        query = int(rng.choice(classes[names[0]]))
        look = domain.variants[query]
        others = [[i for i in classes[name] if domain.variants[i] != look] for name in names]
        if all(others):
            queries.append(query)
            supports.append([int(rng.choice(pool)) for pool in others])
            drawn.append(group)
    return OneShotEpisodes(
        images=no_images(len(domain.pictures)),
        support=np.array(supports, np.int32)[..., None],
        queries=np.array(queries, np.int32)[:, None],
        answers=np.zeros((number, 1), np.int32),
        groups=tuple(drawn),
        protocol="within-alphabet",
    )


def pairs_of(trials: OneShotEpisodes) -> PairTable:
    """Return the pairs that trials of one shot compare.

    They are `(episodes * n_query * n_way)`, in that order. Each query stands on the left, next to
    each support image of its episode.
    """
    left, right = np.broadcast_arrays(trials.queries[..., None], trials.support[:, None, :, 0])
    same = trials.answers[..., None] == np.arange(left.shape[-1])
    return PairTable(left.ravel(), right.ravel(), same.ravel())


def no_images(count: int) -> np.ndarray:
    """Return images that stand for pictures which are kept elsewhere, `(count, 1, 1, 1)`, uint8."""
    return np.zeros((count, 1, 1, 1), np.uint8)
