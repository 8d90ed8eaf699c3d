"""One-shot trials and pairs of a domain, and what a network makes of them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from keras_siamese.data import Preprocessing
from keras_siamese.data.pairs import PairTable
from keras_siamese.evaluation.verification import pair_logits
from reproduce.signs.domains import Domain

NUM_WAYS = {"digits": 10}


@dataclass(frozen=True)
class Trials:
    """One-shot trials, by picture.

    Attributes:
        queries: `(n,)`, int64, place of each query among the domain's pictures.
        supports: `(n, ways)`, int64, the query's own class first; all of looks unlike the query's.
    """

    queries: np.ndarray
    supports: np.ndarray


def draw_trials(domain: Domain, number: int = 400, seed: int = 0) -> Trials:
    """Draw trials: a group, its classes, a query, and a picture of each class in another look.

    Args:
        domain: The domain; groups with fewer classes than ways give no trials.
        number: How many trials.
        seed: Seed of the draws.

    Returns:
        20-way trials, 10-way for digits.
    """
    ways = NUM_WAYS.get(domain.name, 20)
    rng = np.random.default_rng(seed)
    places: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for i, (group, name) in enumerate(zip(domain.groups, domain.names, strict=True)):
        places[group][name].append(i)
    groups = sorted(group for group, classes in places.items() if len(classes) >= ways)
    queries: list[int] = []
    supports: list[list[int]] = []
    while len(queries) < number:
        classes = places[groups[len(queries) % len(groups)]]
        names = rng.permutation(sorted(classes))[:ways].tolist()
        query = int(rng.choice(classes[names[0]]))
        look = domain.variants[query]
        others = [[i for i in classes[name] if domain.variants[i] != look] for name in names]
        if all(others):
            queries.append(query)
            supports.append([int(rng.choice(pool)) for pool in others])
    return Trials(np.array(queries), np.array(supports))


def pairs_of(trials: Trials) -> PairTable:
    """Return the pairs that trials compare, the query with each support, `(n * ways)`."""
    ways = trials.supports.shape[1]
    same = np.zeros(trials.supports.shape, bool)
    same[:, 0] = True
    return PairTable(
        np.repeat(trials.queries, ways), trials.supports.ravel(), np.ascontiguousarray(same.ravel())
    )


def read(domain: Domain, preprocessing: Preprocessing) -> np.ndarray:
    """Read all pictures of a domain for a network.

    Returns:
        `(n, height, width, channels)`, uint8. A picture that cannot be read stays blank.
    """
    images = np.zeros((len(domain.pictures), *preprocessing.shape), np.uint8)
    for i, picture in enumerate(domain.pictures):
        try:
            images[i] = preprocessing.read(picture)
        except ValueError:
            continue
    return images


def trial_logits(model: keras.Model, images: np.ndarray, trials: Trials) -> np.ndarray:
    """Compare the query of each trial with its supports.

    Args:
        model: Siamese network.
        images: What `read` gives.
        trials: Trials of the same domain.

    Returns:
        `(n, ways)`, float32, the query's own class first.
    """
    pairs = pairs_of(trials)
    return pair_logits(model, images, pairs.left, pairs.right, 256).reshape(trials.supports.shape)


def accuracy(logits: np.ndarray) -> float:
    """Return the share of trials whose own class scores highest.

    Args:
        logits: `(n, ways)`, the query's own class first.
    """
    return float((logits.argmax(axis=1) == 0).mean())


def development_scores(
    model: keras.Model, read_domains: dict[str, tuple[Domain, np.ndarray]], number: int = 400
) -> dict[str, Any]:
    """Score trials of every domain.

    Args:
        model: Siamese network.
        read_domains: Domain and its images as read, by name.
        number: Trials of each.

    Returns:
        Accuracy by name.
    """
    return {
        name: accuracy(trial_logits(model, images, draw_trials(domain, number)))
        for name, (domain, images) in read_domains.items()
    }
