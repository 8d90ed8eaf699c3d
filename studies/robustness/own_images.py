"""What `train_recognizer` reaches in half a minute on pictures of other kinds, next to HOG.

python -m studies.robustness.own_images    three trainings of half a minute on one core

`python -m website` puts the table into docs/own-images.md. The pictures are those of the
development sets of `studies.signs`; some classes train, others are tested. One seed.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np

from keras_siamese.data import OneShotEpisodes
from keras_siamese.evaluation import score_episodes
from reproduce import results, script
from reproduce.table import Result, Table
from studies import RESULTS
from studies.signs.domains import Domain, load_domain
from studies.signs.trials import draw_domain_trials

RESULT = RESULTS / "own-images.json"
STEPS, WIDTH, SIZE, TRIALS, SEED = 300, 16, 35, 240, 0
SCRIPTS = {"Beng": "Bengali", "Khmr": "Khmer", "Laoo": "Lao", "Armn": "Armenian"}
# Of icons and flags, how many classes are tested; of characters, one script trains.
TESTED = {"icons": 38, "flags": 20}
TRAINING_SCRIPT = "Beng"
# By domain: what trains.
KINDS = {
    "flags": "flags as photographs (simulated), in colour",
    "fonts": f"{SCRIPTS[TRAINING_SCRIPT]} characters in several fonts",
    "icons": "icons of several sets",
}


def selected(domain: Domain, rows: np.ndarray) -> Domain:
    """Return some of a domain's pictures, by their places."""
    chosen: dict[str, Any] = {
        key: [getattr(domain, key)[i] for i in rows]
        for key in ("pictures", "names", "groups", "variants")
    }
    return replace(domain, **chosen)


def trained_and_tested(domain: Domain) -> tuple[Domain, dict[str, Domain]]:
    """Return what trains, and what is tested by name, without a class in common."""
    names, groups = np.array(domain.names), np.array(domain.groups)
    if domain.name == "fonts":
        tested = {
            f"{title} characters": selected(domain, np.flatnonzero(groups == script))
            for script, title in SCRIPTS.items()
            if script != TRAINING_SCRIPT
        }
        return selected(domain, np.flatnonzero(groups == TRAINING_SCRIPT)), tested
    classes = np.random.default_rng(SEED).permutation(np.unique(names))
    held = np.isin(names, classes[: TESTED[domain.name]])
    others = selected(domain, np.flatnonzero(held))
    return selected(domain, np.flatnonzero(~held)), {f"other {domain.name}": others}


def hog_logits(pictures: list[np.ndarray], trials: OneShotEpisodes) -> np.ndarray:
    """Score trials by the cosine of histograms of oriented gradients."""
    from studies.robustness.plain_methods import hog_scores
    from studies.robustness.rows import SuiteRow

    return hog_scores(SuiteRow("own images", "domain", pictures, trials))


def measure_domain(name: str, *, steps: int = STEPS, trials: int = TRIALS) -> list[dict[str, Any]]:
    """Train on a part of a domain, score the others, and return their rows.

    Args:
        name: "flags", "fonts" or "icons".
        steps: Steps of the training.
        trials: Number of 20-way trials of each row.

    Returns:
        What trained and what was tested, processor seconds, and the share of right answers with its
        95 % interval (Wilson's), and that of HOG.
    """
    import keras_siamese as ks
    from studies.signs.trial_logits import read_domain, trial_logits

    training, tested = trained_and_tested(load_domain(name, "development"))
    began = time.process_time()
    recognizer = ks.train_recognizer(
        training.pictures, training.names, size=SIZE, color="rgb" if name == "flags" else "grey",
        steps=steps, width=WIDTH, held_out=0, seed=SEED, verbose=0,
    )  # fmt: skip
    seconds = round(time.process_time() - began, 1)
    rows = []
    for title, domain in tested.items():
        drawn = draw_domain_trials(domain, trials, seed=SEED)
        images = read_domain(domain, recognizer.preprocessing)
        ours = score_episodes(trial_logits(recognizer.model, images, drawn), drawn)
        hog = score_episodes(hog_logits(domain.pictures, drawn), drawn)
        rows.append(
            {
                "domain": name, "trained_classes": len(set(training.names)),
                "trained_pictures": len(training.names), "tested": title,
                "tested_classes": len(set(domain.names)), "processor_seconds": seconds,
                "value": ours.accuracy, "interval": list(ours.interval), "n": ours.n,
                "hog": hog.accuracy,
            }
        )  # fmt: skip
    return rows


def load() -> list[dict[str, Any]]:
    """Return the rows of the result file; none where nothing was measured."""
    return results.parse(RESULT)["rows"] if RESULT.exists() else []


def own_images_table(results: list[Result]) -> Table:
    """Tabulate the rows of the result file."""
    rows = [
        [
            f"{row['trained_classes']} {KINDS[row['domain']]}, {row['trained_pictures']} images",
            f"{row['processor_seconds']:.0f} s",
            f"{row['tested_classes']} {row['tested']}",
            f"**{row['value']:.1%}** [{row['interval'][0]:.0%} to {row['interval'][1]:.0%}]",
            f"{row['hog']:.1%}",
        ]
        for row in load()
    ]
    headings = ["trained on", "processor time", "tested on", "accuracy", "HOG"]
    return Table("Networks for own images", headings, rows)


def main() -> None:
    """Train and score all, and write the result file."""
    from reproduce import provenance

    origin = provenance.origin()
    rows = [row for name in KINDS for row in measure_domain(name)]
    settings = {"steps": STEPS, "width": WIDTH, "size": SIZE, "trials": TRIALS, "seed": SEED}
    results.write(RESULT, {"rows": rows, "settings": settings, **origin})
    print(own_images_table([]).markdown())


if __name__ == "__main__":
    script.run(main)
