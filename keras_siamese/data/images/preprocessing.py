"""How a raw picture becomes what a network takes: one value that every saved file holds."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from keras_siamese.argument_checks import check_choice, is_number
from keras_siamese.data.drawing import cropped, read_drawing
from keras_siamese.data.images.image_files import COLORS
from keras_siamese.data.images.paper_levels import POLARITIES, brightness, levelled, light_paper
from keras_siamese.data.images.picture_source import source_pixels
from keras_siamese.data.images.redraw import redraw_like_omniglot
from keras_siamese.data.resampling import check_size, fit_images, resize_images

PAPERS = ("find", "level", "keep", "crop", "redraw")
# Those that leave all levels, and are for colours, too.
KEEPING = ("keep", "crop")
ASPECTS = ("stretch", "fit")
VALUE_RANGE = (0.0, 1.0)

# Called with the error of an image that cannot be read.
OnUnreadable = Callable[[Exception], None]


class ReadingWarning(UserWarning):
    """A picture was read, but it may not be what it was taken for; the text says why."""


@dataclass(frozen=True)
class Preprocessing:
    """How a raw picture, such as a photo or a scan, is read for a network.

    A picture is decoded, turned upright, and made grey or RGB. Transparent pixels are paper. At its
    full size, drawing and paper are separated and brought to their levels. Then the picture is
    resized and rounded to whole levels. So a drawing, its inverse and the same on grey paper give
    the same image. Pictures as people take them, with light, shadow, ruled lines and the edge of a
    table, need `paper="find"`, as the networks for drawings that ship have it. Images that were
    read already (ink 255) go to `OneShotClassifier` and `Verifier` as they are, not through this
    class.

    Attributes:
        size: Height and width in pixels; one number is the side of a square.
        color: "grey" for one channel or "rgb" for three.
        polarity: "dark_on_light" or "light_on_dark": the drawing is darker or lighter than its
            paper. "auto" judges each picture, as `light_paper` in
            `keras_siamese.data.images.paper_levels` describes. None stands for "auto" where `color`
            is grey, and for "light_on_dark" (values as they are) where it is RGB.
        paper: "find" finds one drawing of any place and size in a photograph, scan or screenshot
            and brings it to the middle, with its longer side at 69 of 105 and a pen as wide as
            Omniglot's. "level" leaves it where it is, and brings the level of the paper to 0 and
            that of the ink to 255, the same ones for the whole picture. "keep" leaves all levels.
            "crop" does, too, and crops a sign that is small on plain paper, such as an icon on a
            large page, to a square around it; a picture without such paper, as a photograph, stays
            whole. "redraw" draws the middle lines of its strokes again with Omniglot's pen. None
            stands for "level" where `color` is grey, "keep" where it is RGB. RGB takes "keep" and
            "crop" alone.
        aspect: "stretch" to the size, or "fit" into it with the proportions kept and the rest
            filled with paper. With "find" and "redraw" the proportions are always kept.
        value_range: Lowest and highest value that the network takes, always (0.0, 1.0).

    Raises:
        ValueError: If a value is not one of those above.

    Example:
        >>> import numpy as np
        >>> from keras_siamese.data import Preprocessing
        >>> paper = np.full((70, 70), 200, np.uint8)
        >>> paper[20:50, 30:40] = 40
        >>> image = Preprocessing(35).read(paper)
        >>> image.shape, image[17, 17].item(), image[0, 0].item()
        ((35, 35, 1), 255, 0)
    """

    size: tuple[int, int]
    color: str
    polarity: str
    paper: str
    aspect: str
    value_range: tuple[float, float]

    def __init__(
        self,
        size: int | tuple[int, int],
        color: str = "grey",
        polarity: str | None = None,
        paper: str | None = None,
        aspect: str = "stretch",
        value_range: tuple[float, float] = VALUE_RANGE,
    ) -> None:
        """Check the values; see the class."""
        check_choice("color", color, COLORS)
        grey = color == "grey"
        values = {
            "size": check_size(size),
            "color": color,
            "polarity": ("auto" if grey else "light_on_dark") if polarity is None else polarity,
            "paper": ("level" if grey else "keep") if paper is None else paper,
            "aspect": aspect,
            "value_range": _checked_range(value_range),
        }
        check_choice("polarity", values["polarity"], POLARITIES)
        check_choice("paper", values["paper"], PAPERS)
        check_choice("aspect", aspect, ASPECTS)
        if not grey and values["paper"] not in KEEPING:
            raise ValueError(
                f"`paper` must be 'keep' or 'crop' for colour. Received: {paper!r}, which is "
                "for grey drawings. Read the images grey, or leave `paper` out."
            )
        for name, value in values.items():
            object.__setattr__(self, name, value)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels of what `read` returns."""
        return (*self.size, 1 if self.color == "grey" else 3)

    @property
    def keeps_levels(self) -> bool:
        """Whether the levels of paper and ink stay as they are in the picture."""
        return self.paper in KEEPING

    def read(self, source: Any) -> np.ndarray:
        """Read one picture.

        Args:
            source: A path; the bytes of a file; a PIL image; or an array `(height, width)` or
                `(height, width, channels)` with 1, 3 or 4 channels (the fourth is opacity), uint8
                in [0, 255], uint16 as in a file of 16 bits, bool, or float in [0, 1].

        Returns:
            `(height, width, channels)`, uint8, [0, 255], ink 255.

        Warns:
            ReadingWarning: Where a drawing was found (`paper="find"`) that may not be what was
                meant: cut off by the border, several drawings, a word or a page of text, no drawing
                on paper, taken in the dark.

        Raises:
            ValueError: If the source is no picture, damaged, animated, too large (256 MB, 16
                megapixels unless `set_max_pixels` allows more, or 32,767 pixels per side), of
                another type, shape or range, or blank; names the source.
            OSError: If a file cannot be read.

        Example:
            >>> import numpy as np
            >>> from keras_siamese import Preprocessing
            >>> photograph = np.full((70, 90, 3), 200, np.uint8)
            >>> photograph[20:50, 30:40] = 40
            >>> Preprocessing(35, "rgb").read(photograph).shape
            (35, 35, 3)
        """
        image, notes = self.read_noted(source)
        for note in notes:
            warnings.warn(note, ReadingWarning, stacklevel=2)
        return image

    def read_noted(self, source: Any) -> tuple[np.ndarray, tuple[str, ...]]:
        """Read one picture, and return what `read` warns of.

        Args:
            source: As for `read`.

        Returns:
            The image, as `read` returns it; and the texts, each of which names the source.

        Raises:
            ValueError: As `read`.
            OSError: As `read`.
        """
        pixels, name = source_pixels(source, color=self.color, polarity=self.polarity)
        notes: Iterable[str] = ()
        try:
            if _is_blank(pixels):
                raise ValueError(f"it is blank: every pixel is {_named(pixels[0, 0])}")
            if self.paper == "find":
                found = read_drawing(pixels, self.size, self.polarity)
                image, notes = found.image, found.notes
            else:
                image = self._read(cropped(pixels) if self.paper == "crop" else pixels)
            if _is_blank(image) and image[..., 0].size > 1:
                raise ValueError(
                    f"of its {pixels.shape[0]}x{pixels.shape[1]} pixels nothing is left at "
                    f"{self.size[0]}x{self.size[1]}: crop it to what it shows"
                )
        except ValueError as error:
            raise ValueError(
                f"{name!r} must show a drawing or a picture. Received: one that shows nothing: "
                f"{error}. Replace it or take it out."
            ) from error
        return image, tuple(f"{name!r}: {note}." for note in notes)

    def read_batch(
        self, sources: Iterable[Any], on_unreadable: OnUnreadable | None = None
    ) -> np.ndarray:
        """Read several pictures, of any sizes.

        Args:
            sources: Each as for `read`.
            on_unreadable: Called with the error of each source that cannot be read, which is then
                left out. None raises the first error.

        Returns:
            `(n, height, width, channels)`, uint8, [0, 255], ink 255.

        Raises:
            ValueError: As `read`, without `on_unreadable`; or if `sources` is a single path.
            OSError: As `read`, without `on_unreadable`.
        """
        if isinstance(sources, str | bytes | os.PathLike):
            raise ValueError(
                f"`sources` must be a list of pictures. Received: {type(sources).__name__}. Put it "
                "into a list, or use `read`."
            )
        images = []
        for source in sources:
            try:
                images.append(self.read(source))
            except (ValueError, OSError) as error:
                if on_unreadable is None:
                    raise
                on_unreadable(error)
        return np.stack(images) if images else np.zeros((0, *self.shape), np.uint8)

    def to_json(self) -> dict[str, Any]:
        """Return the values as JSON types, by name, all of them."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in values.items()
        }

    @classmethod
    def from_json(cls, mapping: Mapping[str, Any]) -> Preprocessing:
        """Return what `to_json` wrote.

        Args:
            mapping: All values by name, JSON types.

        Returns:
            The same preprocessing.

        Raises:
            ValueError: If a name is missing or unknown, or a value is wrong.
        """
        names = {field.name for field in fields(cls)}
        if not isinstance(mapping, Mapping) or set(mapping) != names:
            raise ValueError(
                f"A saved preprocessing must hold {sorted(names)}. Received: "
                f"{sorted(mapping) if isinstance(mapping, Mapping) else mapping!r}. A later "
                "version of the package may have written it: use that one."
            )
        for name in sorted(names):
            # An empty text stands for none here, and would be taken for what is usual.
            if not mapping[name]:
                raise ValueError(
                    f"A saved preprocessing must state {name!r}. Received: {mapping[name]!r}. "
                    "Write it again with `to_json`."
                )
        return cls(**mapping)

    def _read(self, raw: np.ndarray) -> np.ndarray:
        pixels = raw
        dark_ink = self.polarity == "dark_on_light"
        # From here on ink is dark, so that an image and its inverse are rounded equally.
        if self.polarity == "auto":
            pixels = pixels if light_paper(brightness(pixels)) else ~pixels
            dark_ink = True
        elif not dark_ink and not self.keeps_levels:
            pixels = ~pixels
            dark_ink = True
        if self.paper == "redraw":
            try:
                pixels, dark_ink = redraw_like_omniglot(pixels[..., 0], dark_ink=True), False
            except ValueError as error:
                raise ValueError("there is nothing on the paper that could be redrawn") from error
        elif self.paper == "level":
            try:
                pixels = levelled(pixels)
            except ValueError as error:
                raise ValueError(
                    f"{error}, from level {raw.min()} to {raw.max()} of 255: it is blank, or what "
                    "it shows is too faint (with paper='keep' it would be read as it is)"
                ) from error
        resize = resize_images if self.aspect == "stretch" else fit_images
        image = resize(pixels[None], self.size)[0]
        return ~image if dark_ink else image


def _checked_range(value_range: Any) -> tuple[float, float]:
    pair = tuple(value_range) if isinstance(value_range, tuple | list) else ()
    if pair != VALUE_RANGE or not all(map(is_number, pair)):
        raise ValueError(
            f"`value_range` must be {VALUE_RANGE}. Received: {value_range!r}. Where the network "
            "takes other values, put a Rescaling layer into its encoder."
        )
    return VALUE_RANGE


def _is_blank(pixels: np.ndarray) -> bool:
    # Most pictures show something in their first rows, and a large one has millions of pixels.
    return bool((pixels[:64] == pixels[0, 0]).all() and (pixels == pixels[0, 0]).all())


def _named(pixel: np.ndarray) -> str:
    if int(pixel.min()) == int(pixel.max()) and int(pixel[0]) in (0, 255):
        return "white" if pixel[0] else "black"
    return "of level " + ", ".join(str(int(level)) for level in pixel) + " of 255"
