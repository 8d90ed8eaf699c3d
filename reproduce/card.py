"""The card of a network that ships, written from its result."""

from __future__ import annotations

from typing import Any

from keras_siamese.data import Preprocessing
from reproduce.beyond import NOT_MIRRORED

DESCRIPTION = (
    "Compares handwritten characters: how likely two drawings are of the same one. One encoder "
    "called on two inputs, a weighted L1 distance, a sigmoid (Koch et al. 2015), trained on blocks."
)
LIMITS = (
    "Trained on characters drawn in thin strokes on a screen, one character an image, and on "
    "nothing else: not for faces, signatures, words or photographs, and not for identifying people."
)


def card(result: dict[str, Any], name: str = "omniglot") -> dict[str, Any]:
    """Write a result of `train_pretrained.py` as the card that ships with the weights."""
    recipe = result["recipe"]
    return {
        "name": name,
        "description": DESCRIPTION,
        "limits": LIMITS,
        "license": "MIT, weights and data",
        "data": "Omniglot's background set: 30 alphabets, 964 characters, 20 drawers each "
        "(Lake et al. 2015). Probabilities and thresholds: the ten alphabets of the evaluation "
        "set without official runs.",
        "image_size": recipe["size"],
        "preprocessing": Preprocessing(recipe["size"], paper="find").to_json(),
        "encoder": recipe["encoder"],
        "mirrored": recipe.get("mirrored", False),
        "parameters": result["parameters"],
        "thresholds": {
            rate: point["threshold"] for rate, point in result["operating_points"].items()
        },
        "scores": [
            {
                "what": f"{entry['metric']}, {entry['cell']}",
                "protocol": entry["protocol"],
                "value": entry["value"],
                "interval": entry["interval"],
                "n": entry["n"],
            }
            for entry in result["scores"]
            if entry["cell"] != NOT_MIRRORED
        ],
        "training": {
            "command": f"python reproduce/train_pretrained.py {recipe['name']} "
            f"--seed {result['seed']} --write",
            "minutes": round(result["seconds"] / 60, 1),
            **{key: result[key] for key in ("seed", "hardware", "versions", "commit")},
        },
    }
