"""Names of icons: what is left of them without style, size and number."""

from __future__ import annotations

from collections.abc import Iterable

# Words that say how an icon is drawn, not what it shows.
_STYLES = frozenset(
    "outline outlined fill filled solid regular bold light thin duotone line linear broken "
    "twotone sharp round rounded baseline remix negative icon alt o rtl ltr 24px".split()
)


def canonical(name: str) -> str:
    """Return the name of what an icon shows.

    Style, size and number are left out, and plurals become singular: "bells-outline" and
    "bell-24-filled" are both "bell". A name of nothing else is kept.

    Args:
        name: Name in an icon set, words joined by hyphens.
    """
    words = [word for word in name.lower().split("-") if word not in _STYLES and not word.isdigit()]
    return "-".join(_singular(word) for word in words) or name.lower()


def style(name: str) -> str:
    """Return the words of a name that say how it is drawn, "plain" where there is none."""
    return "-".join(word for word in name.lower().split("-") if word in _STYLES) or "plain"


class Held:
    """Names that are held out, with every name that contains all words of one.

    Args:
        names: Names of icons.
    """

    def __init__(self, names: Iterable[str]) -> None:
        """Index the names by their first word."""
        self._sets: dict[str, list[frozenset[str]]] = {}
        for name in names:
            words = canonical(name).split("-")
            self._sets.setdefault(min(words), []).append(frozenset(words))

    def __contains__(self, name: str) -> bool:
        """Say whether a name is held out: "user-plus-fill" is where "user" is."""
        words = frozenset(canonical(name).split("-"))
        return any(held <= words for word in words for held in self._sets.get(word, ()))


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
