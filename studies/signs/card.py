"""The card of the network for signs: how it scores, what its thresholds are, whom it owes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import keras
import numpy as np
from scipy.special import expit

from keras_siamese.data.pairs import PairTable
from keras_siamese.evaluation.episode_scores import score_episodes
from keras_siamese.evaluation.operating_point import find_operating_point
from keras_siamese.training import calibrate
from studies.signs.domains import Domain
from studies.signs.packages import Package
from studies.signs.sign_training import ENCODER, READING
from studies.signs.trial_logits import trial_logits
from studies.signs.trials import draw_domain_trials, pairs_of

NAME = "signs"
RATES = (0.01, 0.001)
# Trials of each domain: those that are scored, those that calibrate, those that set thresholds.
NUM_SCORED, NUM_FITTED = 1000, 1000
DESCRIPTION = (
    "Compares signs of any kind and colour: characters in print and handwriting, icons, emoji, "
    "flags, and roughly photographs. One encoder called on two inputs, a weighted L1 distance, a "
    "sigmoid (Koch et al. 2015), trained on episodes."
)
LIMITS = (
    "One sign an image, upright, filling a third of it or more. Not for faces, signatures or "
    "words, and not for identifying people. For handwriting alone the network 'omniglot' is better."
)
DATA = (
    "Omniglot's background set (Lake et al. 2015), eight drawers of each character; letters of "
    "scripts that are neither Omniglot's evaluation scripts nor those of the test set; icons, "
    "emoji and flags of classes that the test sets lack; flags and scenes that a program drew. It "
    "begins with the weights of 'omniglot'. Probabilities and thresholds: development sets of six "
    "domains."
)


def fit_probabilities(
    model: keras.Model, domains: Mapping[str, tuple[Domain, np.ndarray]]
) -> dict[str, dict[str, float]]:
    """Calibrate a network on pairs of all domains, and choose its thresholds.

    Args:
        model: Siamese network; its head is changed.
        domains: Development part of each domain, and its images as read.

    Returns:
        Threshold by rate, by domain; under "all" those of all pairs of signs together, which
        photographs are not: they need a threshold that refuses most pairs of signs.
    """
    images, left, right, same = [], [], [], []
    start = 0
    rng = np.random.default_rng(0)
    for domain, read in domains.values():
        pairs = pairs_of(draw_domain_trials(domain, NUM_FITTED, seed=1))
        different = np.flatnonzero(~pairs.same)
        # As many different pairs as same ones, as `calibrate` expects them.
        kept = np.concatenate(
            [np.flatnonzero(pairs.same), rng.choice(different, NUM_FITTED, replace=False)]
        )
        images.append(read)
        left.append(pairs.left[kept] + start)
        right.append(pairs.right[kept] + start)
        same.append(pairs.same[kept])
        start += len(read)
    table = PairTable(*(np.concatenate(parts) for parts in (left, right, same)))
    calibrate(model, np.concatenate(images), table)
    # As they ship: in float16.
    model.set_weights([np.float32(np.float16(value)) for value in model.get_weights()])
    scores, labels, found = [], [], {}
    for name, (domain, read) in domains.items():
        trials = draw_domain_trials(domain, NUM_FITTED, seed=1)
        probabilities = expit(trial_logits(model, read, trials).astype(np.float64).ravel())
        kinds = pairs_of(trials).same
        if name != "photographs":
            scores.append(probabilities)
            labels.append(kinds)
        found[name] = _thresholds(probabilities, kinds)
    return {"all": _thresholds(np.concatenate(scores), np.concatenate(labels)), **found}


def development_entries(
    model: keras.Model, domains: Mapping[str, tuple[Domain, np.ndarray]]
) -> list[dict[str, Any]]:
    """Score the development part of every domain, as the card holds scores."""
    entries = []
    for name, (domain, read) in domains.items():
        trials = draw_domain_trials(domain, NUM_SCORED)
        result = score_episodes(trial_logits(model, read, trials), trials)
        entries.append(
            {
                "what": f"one-shot accuracy, {name}, {trials.support.shape[1]}-way",
                "protocol": "development",
                "value": round(result.accuracy, 4),
                "interval": list(result.interval),
                "n": result.n,
            }
        )
    return entries


def sign_card(
    *,
    thresholds: Mapping[str, Mapping[str, float]],
    scores: list[dict[str, Any]],
    sources: Iterable[Package],
    parameters: int,
    mirrored: bool,
    training: Mapping[str, Any],
) -> dict[str, Any]:
    """Write the card that ships with the weights.

    Args:
        thresholds: What `fit_probabilities` gives.
        scores: What `development_entries` gives.
        sources: Packages of the training set.
        parameters: Number of weights.
        mirrored: Whether answers are averaged over mirror images.
        training: Command, minutes, seed, hardware, versions and commit.
    """
    return {
        "name": NAME,
        "description": DESCRIPTION,
        "limits": LIMITS,
        "license": "MIT, weights; data by the licences of its sources, each of which allows it",
        "data": DATA,
        "sources": [
            {
                "package": source.name,
                "version": source.version,
                "license": source.licence,
                "attribution": source.attribution,
            }
            for source in sorted(sources, key=lambda source: source.name)
        ],
        "image_size": READING.size[0],
        "preprocessing": READING.to_json(),
        "encoder": ENCODER,
        "mirrored": mirrored,
        "parameters": parameters,
        "thresholds": dict(thresholds["all"]),
        "thresholds_by_domain": {
            name: dict(values) for name, values in thresholds.items() if name != "all"
        },
        "scores": scores,
        "training": dict(training),
    }


def _thresholds(probabilities: np.ndarray, same: np.ndarray) -> dict[str, float]:
    return {
        str(rate): find_operating_point(probabilities, same, false_accept_rate=rate).threshold
        for rate in RATES
    }
