"""Claim 6: what tying buys, at an equal budget of pairs and steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from examples.tied.material import Material, glyph_material, small_encoder
from examples.tied.twin_models import Twins, asymmetry, copied_twins, one_shot_correct, tied_twins
from examples.tied.twin_training import RATE, encoder_rates, train_twins
from keras_siamese.evaluation import wilson_interval

# Tied; tied with half the step, to tell the step from the tying; two copies of equal first weights,
# each given its own gradient; two encoders of different first weights, trained in the same way.
KINDS = ("tied", "tied, half the step", "copies", "strangers")


def build_twins(kind: str, encoder: Callable[[int], keras.Model], seed: int) -> Twins:
    """Return untrained twins of one kind."""
    if kind not in KINDS:
        raise ValueError(f"`kind` must be one of {KINDS}. Received: kind={kind!r}.")
    if kind.startswith("tied"):
        return tied_twins(encoder(seed), seed=seed)
    other = encoder(seed + 1000) if kind == "strangers" else None
    return copied_twins(encoder(seed), seed=seed, other=other)


def tied_against_untied(
    materials: Callable[[int], Material] = glyph_material,
    encoder: Callable[[int], keras.Model] = small_encoder,
    *,
    seeds: Sequence[int] = (0, 1, 2),
    steps: int = 200,
    kinds: Sequence[str] = KINDS,
    rate: float = RATE,
    report: Callable[[str], None] = lambda line: None,
) -> dict[str, Any]:
    """Train every kind with every seed on the same pairs, and score the same held-out trials."""
    runs: dict[str, list[dict[str, Any]]] = {kind: [] for kind in kinds}
    for seed in seeds:
        material = materials(seed)
        for kind in kinds:
            twins = build_twins(kind, encoder, seed)
            tied = kind.startswith("tied")
            rates = encoder_rates(twins, rate / 2, rate) if "half" in kind else rate
            rule = "tied" if tied else "own"
            loss = train_twins(twins, rule, material, steps=steps, rate=rates, seed=seed)
            correct, n = one_shot_correct(twins, material)
            runs[kind].append(
                {
                    "seed": seed,
                    "loss": loss,
                    "correct": correct,
                    "n": n,
                    "accuracy": correct / n,
                    "interval": list(wilson_interval(correct, n)),
                    "asymmetry": asymmetry(twins, material),
                    "weights": twins.num_weights,
                }
            )
            report(f"{kind}, seed {seed}: {correct} of {n}")
    reference = [run["accuracy"] for run in runs[kinds[0]]]
    summary = {}
    for kind, own in runs.items():
        accuracies = [run["accuracy"] for run in own]
        gains = [one - other for one, other in zip(reference, accuracies, strict=True)]
        summary[kind] = {
            "accuracy": float(np.mean(accuracies)),
            "interval": seed_interval(accuracies),
            "asymmetry": float(np.mean([run["asymmetry"] for run in own])),
            "loss": float(np.mean([run["loss"] for run in own])),
            "weights": own[0]["weights"],
            "tied_ahead_by": float(np.mean(gains)),
            "tied_ahead_interval": seed_interval(gains),
        }
    return {
        "steps": steps,
        "seeds": list(seeds),
        "trials": runs[kinds[0]][0]["n"],
        "summary": summary,
        "runs": runs,
    }


def seed_interval(values: Sequence[float]) -> list[float]:
    """Return the 95 % interval of a mean over seeds, by Student's t."""
    if len(values) < 2:
        raise ValueError(f"`values` must hold two seeds at least. Received: {len(values)}.")
    # Imported here: scipy.stats takes longer to import than the rest.
    from scipy.stats import t

    spread = float(np.std(values, ddof=1) / np.sqrt(len(values)))
    reach = float(t.ppf(0.975, len(values) - 1)) * spread
    return [float(np.mean(values)) - reach, float(np.mean(values)) + reach]
