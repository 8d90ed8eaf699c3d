"""Tables about the network for signs, from its card."""

from __future__ import annotations

from keras_siamese.pretrained import pretrained_card
from reproduce.table import Result, Table


def shipped_signs(results: list[Result]) -> Table:
    """Tabulate accuracy and thresholds of the network for signs, domain by domain."""
    card = pretrained_card("signs")
    rows = []
    for score in card["scores"]:
        _, name, ways = score["what"].split(", ")
        low, high = score["interval"]
        thresholds = card["thresholds_by_domain"][name].values()
        rows.append(
            [name, ways, f"{score['value']:.1%} [{low:.1%} to {high:.1%}]"]
            + [f"{threshold:.4f}" for threshold in thresholds]
        )
    rows.append(
        ["all but photographs", "", "", *(f"{value:.4f}" for value in card["thresholds"].values())]
    )
    rates = [f"threshold for {float(rate):.1%}" for rate in card["thresholds"]]
    return Table("The network for signs", ["pictures", "trials", "accuracy", *rates], rows)


def package_sources(results: list[Result]) -> Table:
    """Tabulate the packages that the network for signs was trained on, with their licences."""
    rows = [
        [source["package"], source["version"], source["license"], source["attribution"]]
        for source in pretrained_card("signs")["sources"]
    ]
    return Table("What signs was trained on", ["package", "version", "licence", "by"], rows)
