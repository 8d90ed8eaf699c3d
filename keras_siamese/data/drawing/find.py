"""Where the drawing is in a picture of paper, and the drawing as Omniglot would show it."""

from __future__ import annotations

from typing import Any, NamedTuple

from keras_siamese.data.drawing.centring import centred
from keras_siamese.data.drawing.ink import Ink, pick_ink
from keras_siamese.data.drawing.operations import Operations
from keras_siamese.data.drawing.paper import Paper, see_paper


class Found(NamedTuple):
    """What was found.

    Attributes:
        image: `(210, 210)`, float32, [0, 1], the drawing, ink 1 and paper 0, in the middle and with
            the longer side of its box at 69 of 105; it says nothing where `ink.drawn` is false.
        paper: The paper.
        ink: The ink.
    """

    image: Any
    paper: Paper
    ink: Ink


def find_drawing(canvas: Any, height: Any, width: Any, polarity: str, ops: Operations) -> Found:
    """Find the drawing in a picture of paper, in three steps.

    The paper is told from what is drawn (`see_paper`), so that light, shadow and tint drop out. Of
    what is darker, the marks that are the drawing are picked (`pick_ink`). They are brought to the
    middle, to one size and to one pen (`centred`).

    Args:
        canvas: `(256, 256)`, float32, [0, 1], the whole picture, stretched.
        height: Height of the picture before, float32 scalar.
        width: Its width.
        polarity: As `Preprocessing` has it.
        ops: The operations.

    Returns:
        What was found.
    """
    paper = see_paper(canvas, polarity, ops)
    ink = pick_ink(paper, ops)
    return Found(centred(paper.darkness, ink, height, width, ops), paper, ink)
