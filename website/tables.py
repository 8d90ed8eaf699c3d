"""The tables of docs/tied-weights.md."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Show = Callable[[Any, str], str]


def markdown(headings: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table; every column but the first is set to the right."""
    rule = ["---", *["---:"] * (len(headings) - 1)]
    return "\n".join("| " + " | ".join(line) + " |" for line in [headings, rule, *rows])


def gradients(figures: dict[str, Any], show: Show) -> str:
    """Claim 2, by layer."""
    rows = [
        [
            f"`{row['layer']}`",
            *(show(row[part], ".4f") for part in ("left", "right")),
            show(row["cosine"], "+.2f"),
            *(show(row[part], ".4f") for part in ("sum", "tied")),
            show(row["difference"], "power"),
        ]
        for row in figures["additive"]["layers"]
    ]
    headings = ["layer", "left", "right", "cosine of the two", "their sum", "tied", "tied − sum"]
    return markdown(headings, rows)


def copies(figures: dict[str, Any], show: Show) -> str:
    """Claim 3, by rule."""
    labels = {
        "tied": "tied: one encoder",
        "sum": "(a) copies, each given the sum",
        "own": "(b) copies, each its own gradient",
        "average": "(c) copies, own gradient, then averaged",
        "half": "tied, half the rate",
    }
    runs = figures["copies"]["runs"]
    rows = [
        [
            label,
            show(runs[rule]["apart"], ".3f"),
            "yes" if runs[rule]["bit_identical"] else "**no**",
            show(runs[rule]["asymmetry"], ".3f"),
            show(runs[rule]["accuracy"], ".1%"),
        ]
        for rule, label in labels.items()
    ]
    headings = ["", "apart", "same bits", r"$\lvert p(a,b)-p(b,a) \rvert$", "one-shot"]
    return markdown(headings, rows)


def ways(figures: dict[str, Any], show: Show) -> str:
    """Claim 4, by way."""
    labels = {
        "two_calls": "two calls",
        "stacked_call": "one call on the stacked pair",
        "one_after_another": "one call after another",
    }
    rows = [
        [
            label,
            show(row["loss"], ".6f"),
            show(row["difference"], "power"),
            show(row["seconds"], ".2f") + " s",
            "" if row["megabytes"] is None else show(row["megabytes"], ".0f") + " MB",
        ]
        for way, label in labels.items()
        for row in [figures["reuse"]["ways"][way]]
    ]
    return markdown(["", "loss", "gradient off by", "processor time", "memory on top"], rows)


def forms(figures: dict[str, Any], show: Show) -> str:
    """Claim 5, by form of the last term."""
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
                "×" + show(run[part], ".2f")
                for part in ("growth_of_positive", "growth_of_negative", "growth")
            ),
            show(run["loss"], ".3f"),
            show(run["accuracy"], ".1%"),
        ]
        for form, label in labels.items()
        for run in [figures["forms"]["runs"][form]]
    ]
    headings = ["last term", "began positive", "began negative", "all weights", "loss", "one-shot"]
    return markdown(headings, rows)


def _benefit(benefit: dict[str, Any], show: Show) -> str:
    labels = {
        "tied": "tied",
        "tied, half the step": "tied, half the rate",
        "copies": "two copies, equal first weights",
        "strangers": "two encoders, different first weights",
    }
    rows = []
    for kind, label in labels.items():
        own = benefit["summary"][kind]
        ahead = "" if kind == "tied" else show(own["tied_ahead_by"], "points")
        if ahead:
            low, high = own["tied_ahead_interval"]
            ahead += f" [{show(low, 'points')}, {show(high, 'points')}]".replace("-", "−")
        rows.append(
            [
                label,
                show(own["weights"], ","),
                show(own["accuracy"], ".1%"),
                ", ".join(f"{100 * run['accuracy']:.1f}" for run in benefit["runs"][kind]),
                show(own["interval"], "interval"),
                ahead.replace("-", "−"),
            ]
        )
    headings = ["", "weights", "one-shot", "each seed, %", "95 % interval", "tied ahead by, points"]
    return markdown(headings, rows)


def benefit_glyphs(figures: dict[str, Any], show: Show) -> str:
    """Claim 6 on glyphs."""
    return _benefit(figures["benefit"], show)


def benefit_omniglot(figures: dict[str, Any], show: Show) -> str:
    """Claim 6 on Omniglot."""
    return _benefit(figures["omniglot"]["benefit"], show)


TABLES: dict[str, Callable[[dict[str, Any], Show], str]] = {
    "gradients": gradients,
    "copies": copies,
    "ways": ways,
    "forms": forms,
    "benefit": benefit_glyphs,
    "omniglot": benefit_omniglot,
}
