"""`keras-siamese pretrained`: the networks that ship with the package."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from keras_siamese.commands.output import Json, print_json, with_interval


def command(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Show the card of this network.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List the networks that ship with the package, or show what one is and how well it does."""
    from keras_siamese import pretrained

    names = pretrained.pretrained_names()
    if name is None:
        cards = [pretrained.pretrained_card(known) for known in names]
        if as_json:
            print_json(cards)
        else:
            for card in cards:
                typer.echo(f"{card['name']}: {card['description']}")
        return
    if name not in names:
        raise ValueError(f"NAME must be one of {', '.join(names)}. Received: {name!r}. Correct it.")
    card = pretrained.pretrained_card(name)
    if as_json:
        print_json(card)
    else:
        _print_card(card)


def _print_card(card: dict[str, Any]) -> None:
    typer.echo(f"{card['name']}: {card['description']}")
    typer.echo(f"images: {card['image_size']}x{card['image_size']} pixels, others are resized")
    for rate, threshold in card["thresholds"].items():
        typer.echo(f"threshold for a false-accept rate of {float(rate):.1%}: {threshold:.4f}")
    for domain, thresholds in card.get("thresholds_by_domain", {}).items():
        for rate, threshold in thresholds.items():
            typer.echo(f"threshold for {float(rate):.1%} on {domain}: {threshold:.4f}")
    for score in card["scores"]:
        value = with_interval(score["value"], score["interval"])
        of = ", ".join(score[key] for key in ("protocol", "part") if key in score)
        typer.echo(f"{score['what']} ({of}): {value}")
    if "novelty" in card:
        typer.echo(f"warns of images unlike: {card['novelty']['data']}")
    for key in ("data", "limits", "license"):
        typer.echo(f"{key}: {card[key]}")
