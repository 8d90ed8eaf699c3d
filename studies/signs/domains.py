"""The domains of pictures that people have: rendered for scoring, never trained on."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from keras_siamese.atomic import atomic_write
from studies.signs import characters, drawn_signs, photographs
from studies.signs.packages import RUNS, Package, code_mark
from studies.signs.sign_pictures import SignPictures

PARTS = ("development", "test")
# Each gives the pictures of a part.
DOMAINS: dict[str, Callable[[str], SignPictures]] = {
    "fonts": characters.draw_fonts,
    "icons": drawn_signs.icons,
    "emoji": drawn_signs.render_emoji,
    "flags": drawn_signs.render_flags,
    "digits": characters.digits,
    "photographs": photographs.photographs,
}
_MODULES = (
    "domains characters drawn_signs photographs sign_pictures heldout picture_looks font_glyphs "
    "vector naming"
).split()


@dataclass(frozen=True)
class Domain:
    """Pictures of one kind, as a user would have them.

    Attributes:
        name: One of `DOMAINS`.
        part: "development" or "test".
        pictures: Each `(height, width, 3)`, uint8, not preprocessed; paper is white unless the
            source says otherwise.
        names: Class of each.
        groups: Group of each, such as the script; a trial takes its classes from one group.
        variants: Look of each, such as the font: a query and its support image differ in it.
        sources: Packages that the pictures come from, with versions and licences.
    """

    name: str
    part: str
    pictures: list[np.ndarray]
    names: list[str]
    groups: list[str]
    variants: list[str]
    sources: list[Package]


def load_domain(name: str, part: str, folder: Path = RUNS / "domains") -> Domain:
    """Load a domain, which is rendered at the first call and then kept.

    Args:
        name: "fonts", "icons", "emoji", "flags", "digits" or "photographs".
        part: "development", to choose on; or "test", other classes from other sources. The
            development part of "digits" is MNIST's test set, found as `load_mnist` does.
        folder: Where what was rendered is kept.

    Returns:
        The domain.

    Raises:
        ValueError: If there is no such domain or part.
        OSError: If a package cannot be fetched.
        ImportError: If the extra `signs` is not installed.
    """
    if name not in DOMAINS:
        raise ValueError(
            f"`name` must be one of {tuple(DOMAINS)}. Received: {name!r}. Choose from that list."
        )
    if part not in PARTS:
        raise ValueError(
            f"`part` must be one of {PARTS}. Received: {part!r}. Choose from that list."
        )
    path = folder / f"{name}-{part}-{code_mark(_MODULES)}.npz"
    if path.is_file():
        with np.load(path) as stored:
            facts = json.loads(str(stored["facts"]))
            pictures = list(stored["pictures"])
        facts["sources"] = [Package(**source) for source in facts["sources"]]
        return Domain(name, part, pictures, **facts)
    found = DOMAINS[name](part)
    facts = {key: getattr(found, key) for key in ("names", "groups", "variants")}
    stored_facts = {**facts, "sources": [asdict(source) for source in found.sources]}
    folder.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    described = np.array(json.dumps(stored_facts))
    np.savez_compressed(buffer, pictures=np.stack(found.pictures), facts=described)
    # Whole or not at all: others may render the same.
    with atomic_write(path) as file:
        file.write(buffer.getvalue())
    return Domain(name, part, list(found.pictures), sources=found.sources, **facts)
