"""What the page shows, as HTML: what was read, a support set, a ranking, an answer about a pair."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

import numpy as np

from keras_siamese.demo.board import Seen, SupportImage
from keras_siamese.demo.pad import encode_pad
from keras_siamese.evaluation.novelty import WARN_FROM
from keras_siamese.recognizer import Match, Verification

NO_SUPPORT = '<p class="hint">None yet. Draw one, or load the example.</p>'
NO_RANKING = '<p class="hint">The answer comes here.</p>'
NOT_READ = '<p class="hint">What the network sees of it comes here.</p>'

# What errors and warnings call a picture that has no file name.
_UNNAMED = re.compile(r"'(\d+ bytes|picture)'")


def in_words(message: object) -> str:
    """Write an error or a warning about a picture for people who see only that picture."""
    return _UNNAMED.sub("The picture", str(message))


def seen_html(seen: Seen) -> str:
    """Show what was read from a picture, and what may be wrong with the picture."""
    notes = "".join(f"<p class='note'>{escape(in_words(note))}</p>" for note in seen.notes)
    return (
        f'<div class="read">{_picture(seen.image)}<div>'
        f"<p class='hint'>What the network sees</p>{notes}</div></div>"
    )


def unread_html(error: ValueError) -> str:
    """Say why nothing was read from a picture."""
    return f"<div class='read'><p class='note'>{escape(in_words(error))}</p></div>"


def support_html(support: Sequence[SupportImage]) -> str:
    """Show each image with its name: the picture, and what the network sees of it."""
    if not support:
        return NO_SUPPORT
    figures = [
        f"<figure><div>{_shown(image.thumbnail)}{_picture(image.image)}</div>"
        f"<figcaption>{escape(image.name)}</figcaption></figure>"
        for image in support
    ]
    return f'<div class="support">{"".join(figures)}</div>'


def ranking_html(ranks: Sequence[Match], support: Sequence[SupportImage], threshold: float) -> str:
    """Show a ranking with bars, and whether the first is likely at all.

    Args:
        ranks: The most likely first; that of a `Ranking` may carry a warning.
        support: The support set, of which each character's first image is shown.
        threshold: Similarity from which on a pair is called the same, in [0, 1].

    Returns:
        HTML; names are escaped.
    """
    first = ranks[0]
    images = {image.name: image.image for image in reversed(support)}
    judged = "the same as" if first.similarity >= threshold else "not the same as"
    lines = [
        f"<li>{_picture(images[rank.name])}<div class='what'><div class='line'>"
        f"<span class='name'>{escape(rank.name)}</span>"
        f"<span class='probability'>{as_percent(rank.probability)}</span></div>"
        f"<div class='bar'><span style='width:{100 * rank.probability:.1f}%'></span></div>"
        "</div></li>"
        for rank in ranks
    ]
    return (
        f'<div class="ranking"><ol>{"".join(lines)}</ol><p class="hint">If it is one of these. '
        f"As a pair, the network calls it {judged} {escape(first.name)}: "
        f"{as_percent(first.similarity)}, where {as_percent(threshold)} is needed.</p>"
        f"{_unlike(getattr(ranks, 'novelty', None))}</div>"
    )


def pair_html(said: Verification, images: Sequence[np.ndarray]) -> str:
    """Show the probability that two drawings show the same character, and the decision.

    Args:
        said: What the recognizer says about the two.
        images: Both drawings as the network sees them.

    Returns:
        HTML.
    """
    decision = "The same character" if said.same else "Different characters"
    return (
        f'<div class="pair"><p class="probability">{as_percent(said.probability)}</p>'
        f'<p class="decision">{decision}: the threshold is {as_percent(said.threshold)}.</p>'
        f'<div class="seen">{"".join(map(_picture, images))}</div>'
        f"{_unlike(said.novelty)}</div>"
    )


def as_percent(probability: float) -> str:
    """Write a probability with as many digits as it needs, and never round it to certainty."""
    if 0.001 <= probability <= 0.999:
        return f"{100 * probability:.1f} %"
    return "below 0.1 %" if probability < 0.5 else "above 99.9 %"


def _unlike(novelty: float | None) -> str:
    """Warn of an answer on what is unlike the network's training images."""
    if novelty is None or novelty < WARN_FROM:
        return ""
    return (
        '<p class="note">This is unlike the images that the network was trained on: the answer may '
        "be wrong.</p>"
    )


def _picture(image: np.ndarray) -> str:
    """Show what the network sees: of one channel dark on white, as drawn, of three as it is."""
    return _shown(~image[..., 0] if image.shape[-1] == 1 else image)


def _shown(pixels: np.ndarray) -> str:
    return f'<img alt="" src="{encode_pad(pixels)}">'
