"""The glyphs of the quick preset, drawn once for all processes that are forked (tests/forked.py).

Drawing them takes half of the shortest training: seconds of processor time. They are drawn when
this module is imported, and used once `install` was called.
"""

from copy import deepcopy

from reproduce.paper import data
from reproduce.paper.presets import QUICK

_draw = data.make_glyphs
_QUICK = {"size": QUICK.size, "seed": QUICK.seed}
_drawn = _draw(**_QUICK)


def _make_glyphs(**arguments):
    return deepcopy(_drawn) if arguments == _QUICK else _draw(**arguments)


def install(patch=setattr):
    """Have runs of the quick preset take the glyphs that were drawn.

    Args:
        patch: Sets an attribute, as `setattr` does, or `monkeypatch.setattr`.
    """
    patch(data, "make_glyphs", _make_glyphs)
