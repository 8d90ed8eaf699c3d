"""Arguments of a wrong type or range in the Python API: one error in words, or a finite answer."""

from collections import Counter
from dataclasses import fields
from functools import cache

import numpy as np

from keras_siamese import LayerwiseSGD, OneShotClassifier, Preprocessing, Recognizer, Verifier
from keras_siamese.data import (
    AffineRanges,
    CameraRanges,
    EpisodeSampler,
    distort_pairs,
    load_arrays,
    make_glyphs,
    sample_episodes,
    sample_pairs,
)
from keras_siamese.training import EpisodeConfig, TrainingConfig
from tests.attacks.damage import WRONG
from tests.recognizer.drawings import drawing, make_network


@cache
def targets():
    """What is called, with arguments that are right."""
    glyphs = make_glyphs(num_alphabets=2, characters_per_alphabet=4, num_drawers=4, size=8, seed=0)
    pairs, network = sample_pairs(glyphs, 4, seed=0), make_network()
    images = np.stack([drawing(row)[..., None] for row in (1, 2, 3)])
    fitted = OneShotClassifier(network).fit(images, ["a", "b", "a"])
    verifier = Verifier(network)
    recognizer = Recognizer(network, threshold=0.9).fit({"a": drawing(1), "b": drawing(2)})
    own = {cls: {f.name: getattr(cls(), f.name) for f in fields(cls)} for cls in
           (TrainingConfig, EpisodeConfig, AffineRanges, CameraRanges)}  # fmt: skip
    return (
        (sample_pairs, {"dataset": glyphs, "num_pairs": 4, "seed": 0, "same_fraction": 0.5}),
        (sample_episodes, {"dataset": glyphs, "num_episodes": 2, "n_way": 3, "n_shot": 1,
                           "seed": 0}),
        (distort_pairs, {"pairs": pairs, "num_distortions": 1, "image_size": (8, 8), "seed": 0}),
        (make_glyphs, {"num_alphabets": 1, "characters_per_alphabet": 2, "num_drawers": 2,
                       "size": 8, "seed": 0}),
        (EpisodeSampler, {"dataset": glyphs, "n_way": 3, "n_shot": 1, "seed": 0}),
        (load_arrays, {"images": images, "labels": ["a", "b", "a"]}),
        (Preprocessing, {"size": 8, "color": "grey", "polarity": "auto", "paper": "level",
                         "aspect": "stretch"}),
        (Preprocessing(8).read, {"source": drawing(1)}),
        (LayerwiseSGD, {"learning_rates": 0.1, "momenta": 0.5, "l2": 1e-4}),
        *own.items(),
        (OneShotClassifier(network).fit, {"X": images, "y": ["a", "b", "a"]}),
        (fitted.predict_proba, {"X": images}),
        (fitted.predict, {"X": images}),
        (fitted.kneighbors, {"X": images, "n_neighbors": 2}),
        (verifier.probabilities, {"left": images, "right": images}),
        (recognizer.choose_threshold, {"left": images, "right": images, "same": [1, 0, 1],
                                       "false_accept_rate": 0.1, "seed": 0}),
        (recognizer.verify, {"left": drawing(1), "right": drawing(2)}),
        (recognizer.rank, {"images": [drawing(1)], "top": 1}),
        (recognizer.predict, {"images": drawing(1)}),
        (recognizer.embed, {"images": drawing(1)}),
        (Recognizer(network).fit, {"support": {"a": drawing(1), "b": drawing(2)}, "labels": None}),
    )  # fmt: skip


# Objects of the package are given rightly: their checks are attacked on their own.
OBJECTS = ("dataset", "model", "pairs", "episodes")


def name_of(target):
    """Name of a function or class, for errors."""
    return getattr(target, "__qualname__", repr(target))


def check_finite(value, told):
    """Check that numbers in an answer are finite."""
    if isinstance(value, np.ndarray | float | np.floating):
        array = np.asarray(value)
        assert array.dtype.kind != "f" or np.isfinite(array).all(), told
    elif isinstance(value, tuple | list):
        for each in value:
            check_finite(each, told)


def attack(rng, folder, count=60):
    """Call functions with one or two wrong arguments.

    Returns:
        How many calls were made, and how many refused.
    """
    done, choices = Counter(), targets()
    for _ in range(count):
        target, right = choices[int(rng.integers(len(choices)))]
        given = dict(right)
        open_to_all = sorted(set(given) - set(OBJECTS))
        chosen = rng.choice(open_to_all, min(len(open_to_all), int(rng.integers(1, 3))), False)
        for name in chosen:
            given[str(name)] = WRONG[int(rng.integers(len(WRONG)))]
        told = f"{name_of(target)}({', '.join(f'{k}={v!r:.80}' for k, v in given.items())})"
        done["calls"] += 1
        try:
            check_finite(target(**given), told)
        except (ValueError, OSError) as error:
            assert str(error).strip(), told
            done["calls refused"] += 1
        except Exception as error:
            # scikit-learn's check_estimator asks for this one.
            if isinstance(error, TypeError) and "must be a string or a real number" in str(error):
                continue
            raise AssertionError(f"{told} raised {error!r}") from error
    return done
