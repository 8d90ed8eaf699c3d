"""Draw the looks of the suite on one sheet, from made-up characters; needs no data.

python -m studies.robustness.figure     writes docs/figures/robustness/looks.png
"""

from __future__ import annotations

import argparse
import io
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from keras_siamese.data import make_glyphs
from studies.robustness.looks import LOOKS, render

OUTPUT = Path(__file__).resolve().parents[2] / "docs" / "figures" / "robustness" / "looks.png"
# Pixels of a tile and of the line below it, and tiles in a row.
TILE, LINE, COLUMNS = 104, 15, 8
# As many as a palette holds, which saves half of the file.
COLORS = 256


def contact_sheet(seed: int = 4) -> bytes:
    """Return a PNG file with one picture of every look.

    Args:
        seed: Seed of the pictures.

    Returns:
        The file; the same seed gives the same bytes with the same version of Pillow.
    """
    glyphs = make_glyphs(
        num_alphabets=1, characters_per_alphabet=len(LOOKS), num_drawers=1, size=105, seed=seed
    )
    rows = -(-len(LOOKS) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * TILE, rows * (TILE + LINE)), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(10)
    for place, name in enumerate(LOOKS):
        left, top = place % COLUMNS * TILE, place // COLUMNS * (TILE + LINE)
        picture = Image.fromarray(render(glyphs.images[place, ..., 0] > 127, name, seed))
        picture.thumbnail((TILE - 6, TILE - 6), Image.Resampling.LANCZOS)
        box = (left + (TILE - picture.width) // 2, top + (TILE - picture.height) // 2)
        frame = (box[0] - 1, box[1] - 1, box[0] + picture.width, box[1] + picture.height)
        draw.rectangle(frame, outline=(200, 200, 200))
        sheet.paste(picture, box)
        middle = (left + TILE // 2, top + TILE + LINE // 2 - 1)
        draw.text(middle, name, fill=(34, 34, 34), font=font, anchor="mm")
    file = io.BytesIO()
    few = sheet.quantize(COLORS, dither=Image.Dither.NONE)
    few.save(file, "PNG", optimize=True)
    return file.getvalue()


def main(arguments: list[str] | None = None) -> None:
    """Write the sheet."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--output", type=Path, default=OUTPUT, help="the PNG file")
    output = parser.parse_args(arguments).output
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_bytes(contact_sheet())


if __name__ == "__main__":
    main()
