"""Small results and figure data for the tests of figures and of the report."""

import numpy as np

from reproduce.paper.figure_data import encode_png
from reproduce.paper.plan import BASES, pair_counts

ALPHABETS = {"Ge_ez": [36, 40], "Tengwar": [20, 40], "Atlantean": [30, 40]}


def entry(**changes):
    """Return one score."""
    one = {
        "table": 2,
        "cell": "reduced",
        "metric": "one-shot accuracy",
        "value": 0.75,
        "interval": [0.71, 0.79],
        "n": 400,
        "protocol": "official",
        "size": 35,
        "per_alphabet": ALPHABETS,
    }
    return {**one, **changes}


def result(
    cell="30k x8", seed=0, *, value=0.9012, one_shot=0.75, validation=0.6, wide=0.5678, size=35
):
    """Return the result of a training of the tables, three epochs long."""
    name = f"table-35-{cell.replace(' ', '-')}"
    nearest = {alphabet: [8, 40] for alphabet in ALPHABETS}
    num_pairs, num_distortions = pair_counts(cell)
    return {
        "role": "table",
        **entry(value=one_shot),
        "file": f"{name}-seed{seed}.json",
        "seed": seed,
        "validation": entry(
            table=None, cell="validation", protocol="within-alphabet", value=validation, n=320
        ),
        "validation_wide": entry(
            table=None, cell="validation, wide", protocol="within-alphabet", value=wide, n=4000
        ),
        "validation_pairs": {"auc": 0.9876, "n": 2000},
        "other_results": [
            entry(cell="nearest neighbour", value=0.21, per_alphabet=nearest),
            entry(
                table=1,
                cell=cell,
                metric="verification accuracy",
                protocol="verification",
                value=value,
                interval=[value - 0.006, value + 0.006],
                n=10000,
            ),
        ],
        "config": {
            "name": name, "data": "omniglot", "encoder": "reduced", "size": size,
            "encoder_options": BASES[size].encoder_options,
            "epoch_pairs": 1000, "seed": seed, "num_pairs": num_pairs,
            "num_distortions": num_distortions, "batch_size": 16,
            "learning_rates": 0.1,
        },
        "data": {"training_pairs": 9000},
        "training": {
            "epochs": 3,
            "finished": True,
            "best_epoch": 1,
            "history": {
                "accuracy": [0.5, 0.6, 0.7],
                "loss": [0.7, 0.6, 0.5],
                "val_one_shot_error": [0.9, 0.4, 0.5],
                "seconds": [60.0, 60.0, 60.0],
            },
        },
        "hardware": {"processor": "Abacus 3000", "cores": 2, "gpus": []},
        "seconds": 186.0,
        "versions": {"python": "3.11", "tensorflow": "2.16"},
        "commit": "0123456789abcdef",
    }  # fmt: skip


def figure_data(cell="30k x8", seed=0, *, filters=True):
    """Return the figure data of the same training."""
    rng = np.random.default_rng(0)
    name = f"table-35-{cell.replace(' ', '-')}"

    def images(count):
        return [encode_png(image) for image in rng.integers(0, 2, (count, 8, 8, 1)) * 255]

    return {
        "name": name,
        "file": f"figures/{name}-seed{seed}.json",
        "data": "omniglot",
        "size": 8,
        "seed": seed,
        "trial": {
            "protocol": "official", "alphabet": "Ge_ez", "run": 1, "trial": 1,
            "query": images(1)[0], "support": images(4),
            "probabilities": [0.2, 0.9, 0.1, 0.4], "answer": 3,
        },
        "filters": rng.normal(size=(3, 3, 1, 4)).tolist() if filters else None,
        "roc": {
            "false_positive": [0, 0.25, 1], "true_positive": [0, 0.75, 1], "area": 0.75,
            "pairs": 100,
            "chosen": {
                "threshold": 0.5, "false_positive": 0.25, "true_positive": 0.75, "accuracy": 0.7531,
            },
        },
        "map": {
            "alphabet": "Ge_ez", "points": [[0, 0], [1, 0], [4, 5], [5, 5]],
            "characters": [0, 0, 1, 1], "drawers": [1, 2, 1, 2], "images": images(4),
            "perplexity": 1, "seed": 0,
        },
        "distortions": {"image": images(1)[0], "seed": 0},
        "samples": {
            "dataset": "omniglot-background", "seed": 0,
            "alphabets": {"Greek": images(3), "Latin": images(3)},
        },
    }  # fmt: skip
