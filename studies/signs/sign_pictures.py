"""Pictures while they are gathered, with class, group and look of each."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from studies.signs.packages import Package


@dataclass
class SignPictures:
    """Pictures of one size, and what they show.

    Attributes:
        pictures: Each `(height, width, 3)`, uint8.
        names: Class of each.
        groups: Group of each.
        variants: Look of each.
        sources: Packages that they come from.
    """

    pictures: list[np.ndarray] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    variants: list[str] = field(default_factory=list)
    sources: list[Package] = field(default_factory=list)

    def add(self, picture: np.ndarray, name: str, group: str, variant: str) -> None:
        """Add one picture."""
        self.pictures.append(picture)
        self.names.append(name)
        self.groups.append(group)
        self.variants.append(variant)
