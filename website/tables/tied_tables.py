"""The tables of docs/tied-weights.md, from the results of examples/tied_weights.py."""

from __future__ import annotations

import json
from statistics import mean
from typing import Any

from examples.tied.benefit import seed_interval
from reproduce.results import ROOT
from reproduce.table import RIGHT, Result, Table
from website.written import written

FOLDER = ROOT / "examples" / "results"


def load() -> dict[str, Any]:
    """Read the script's results, those on Omniglot under `omniglot`."""
    found, omniglot = (
        json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
        for name in ("tied_weights", "tied_weights_omniglot")
    )
    for one in (found, omniglot):
        one["benefit"]["half_ahead"] = _half_ahead(one["benefit"])
    return {**found, "omniglot": omniglot}


def _half_ahead(benefit: dict[str, Any]) -> dict[str, float]:
    """Return by how many points the control with half the rate is ahead of two copies."""
    half, copies = (
        [run["accuracy"] for run in benefit["runs"][kind]]
        for kind in ("tied, half the step", "copies")
    )
    ahead = [100 * (one - other) for one, other in zip(half, copies, strict=True)]
    low, high = seed_interval(ahead)
    return {"value": mean(ahead), "low": low, "high": high}


def layer_gradients(results: list[Result]) -> Table:
    """Tabulate claim 2, by layer."""
    rows = [
        [
            f"`{row['layer']}`",
            *(written(row[part], ".4f") for part in ("left", "right")),
            written(row["cosine"], "+.2f"),
            *(written(row[part], ".4f") for part in ("sum", "tied")),
            written(row["difference"], "power"),
        ]
        for row in load()["additive"]["layers"]
    ]
    headings = ["layer", "left", "right", "cosine of the two", "their sum", "tied", "tied − sum"]
    return Table("The gradient by layer", headings, rows, RIGHT)


def copies(results: list[Result]) -> Table:
    """Tabulate claim 3, by rule."""
    labels = {
        "tied": "tied: one encoder",
        "sum": "(a) copies, each given the sum",
        "own": "(b) copies, each its own gradient",
        "average": "(c) copies, own gradient, then averaged",
        "half": "tied, half the rate",
    }
    runs = load()["copies"]["runs"]
    rows = [
        [
            label,
            written(runs[rule]["apart"], ".3f"),
            "yes" if runs[rule]["bit_identical"] else "**no**",
            written(runs[rule]["asymmetry"], ".3f"),
            written(runs[rule]["accuracy"], ".1%"),
        ]
        for rule, label in labels.items()
    ]
    headings = ["", "apart", "same bits", r"$\lvert p(a,b)-p(b,a) \rvert$", "one-shot"]
    return Table("Two copies by rule", headings, rows, RIGHT)


def ways(results: list[Result]) -> Table:
    """Tabulate claim 4, by way."""
    labels = {
        "two_calls": "two calls",
        "stacked_call": "one call on the stacked pair",
        "one_after_another": "one call after another",
    }
    rows = [
        [
            label,
            written(row["loss"], ".6f"),
            written(row["difference"], "power"),
            written(row["seconds"], ".2f") + " s",
            "" if row["megabytes"] is None else written(row["megabytes"], ".0f") + " MB",
        ]
        for way, label in labels.items()
        for row in [load()["reuse"]["ways"][way]]
    ]
    headings = ["", "loss", "gradient off by", "processor time", "memory on top"]
    return Table("Ways to call the encoder", headings, rows, RIGHT)


def forms(results: list[Result]) -> Table:
    """Tabulate claim 5, by form of the last term."""
    labels = {
        "printed": r"as printed, $+2\lambda\lvert w\rvert$",
        "sign mended": r"sign mended, $-2\lambda\lvert w\rvert$",
        "bars mended": r"bars mended, $+2\lambda w$",
        "meant": "as meant, in the gradient",
    }
    rows = [
        [
            label,
            *(
                "×" + written(run[part], ".2f")
                for part in ("growth_of_positive", "growth_of_negative", "growth")
            ),
            written(run["loss"], ".3f"),
            written(run["accuracy"], ".1%"),
        ]
        for form, label in labels.items()
        for run in [load()["forms"]["runs"][form]]
    ]
    headings = ["last term", "began positive", "began negative", "all weights", "loss", "one-shot"]
    return Table("Forms of the last term", headings, rows, RIGHT)


def _benefit(benefit: dict[str, Any]) -> Table:
    labels = {
        "tied": "tied",
        "tied, half the step": "tied, half the rate",
        "copies": "two copies, equal first weights",
        "strangers": "two encoders, different first weights",
    }
    rows = []
    for kind, label in labels.items():
        own = benefit["summary"][kind]
        ahead = "" if kind == "tied" else written(own["tied_ahead_by"], "points")
        if ahead:
            low, high = own["tied_ahead_interval"]
            ahead += f" [{written(low, 'points')}, {written(high, 'points')}]".replace("-", "−")
        rows.append(
            [
                label,
                written(own["weights"], ","),
                written(own["accuracy"], ".1%"),
                ", ".join(f"{100 * run['accuracy']:.1f}" for run in benefit["runs"][kind]),
                written(own["interval"], "interval"),
                ahead.replace("-", "−"),
            ]
        )
    headings = ["", "weights", "one-shot", "each seed, %", "95 % interval", "tied ahead by, points"]
    return Table("Tied or not", headings, rows, RIGHT)


def benefit_glyphs(results: list[Result]) -> Table:
    """Tabulate claim 6 on glyphs."""
    return _benefit(load()["benefit"])


def benefit_omniglot(results: list[Result]) -> Table:
    """Tabulate claim 6 on Omniglot."""
    return _benefit(load()["omniglot"]["benefit"])
