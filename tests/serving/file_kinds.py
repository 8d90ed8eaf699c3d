"""One file or more of every kind that docs/serving.md has a row for."""

import io
import struct

import numpy as np
from PIL import Image, features

from tests.serving import png_files
from tests.serving.bmp_files import bmp, packed
from tests.serving.png_files import GREY, RGB, RGB_ALPHA, chunk, png

HEIGHT, WIDTH = 70, 105


def drawing():
    """A drawing that has no symmetry, `(70, 105)`, uint8, black on white with some greys."""
    pixels = np.full((HEIGHT, WIDTH), 255, np.uint8)
    pixels[10:60, 15:25] = 0
    pixels[50:60, 15:70] = 0
    pixels[12:24, 60:95] = 40
    pixels[30:36, 40:52] = np.linspace(30, 200, 12).astype(np.uint8)
    return pixels


INK = drawing()
COLOUR = np.stack([INK, np.maximum(INK, 60), np.where(INK < 255, INK // 2 + 90, 255)], axis=-1)
COLOUR = COLOUR.astype(np.uint8)
# Opacity of the drawing: paper is clear, ink is solid.
SOLID = (255 - INK)[..., None]


def saved(image, kind, **options):
    """A file as Pillow writes it."""
    content = io.BytesIO()
    (Image.fromarray(image) if isinstance(image, np.ndarray) else image).save(
        content, kind, **options
    )
    return content.getvalue()


def exif(orientation, big_endian=False, *, kind=3, tags=()):
    """EXIF data that notes an orientation, made by hand."""
    order = ">" if big_endian else "<"
    entries = [*tags, (0x0112, kind, 1, struct.pack(order + "H", orientation).ljust(4, b"\0"))]
    data = (b"MM\0\x2a" if big_endian else b"II\x2a\0") + struct.pack(order + "IH", 8, len(entries))
    for tag, form, count, value in entries:
        data += struct.pack(order + "HHI", tag, form, count) + value
    return b"Exif\0\0" + data + bytes(4)


def palette(colours=16):
    return Image.fromarray(COLOUR).quantize(colours)


def frames():
    """Two frames that differ."""
    return palette(), Image.fromarray(COLOUR[::-1].copy()).quantize(16)


def animated(kind, **options):
    first, second = frames()
    return saved(first, kind, save_all=True, append_images=[second], **options)


def without_adobe(content):
    """A JPEG file without the segment that says that Adobe's software wrote it."""
    start = content.index(b"\xff\xee")
    return content[:start] + content[start + 16 :]


def two_pictures():
    """What some cameras write: a JPEG file with a second picture behind the first."""
    content = io.BytesIO()
    Image.fromarray(COLOUR).save(
        content, "MPO", save_all=True, append_images=[Image.fromarray(255 - COLOUR)]
    )
    return content.getvalue()


def resized_canvas(content, height, width):
    """A GIF file whose frame stays as it is, on a canvas of another size."""
    return content[:6] + struct.pack("<HH", width, height) + content[10:]


def rle():
    """A BMP file whose runs of equal pixels are counted, 20 rows of 30 pixels."""
    rows = [
        bytes([5, 0, 20, 1, 5, 0, 0, 0]) if 5 < row < 15 else bytes([30, 0, 0, 0])
        for row in range(20)
    ]
    return bmp(b"".join(rows) + b"\0\1", 30, 8, compression=1, palette=b"\xff\xff\xff\0\0\0\0\0")


def of_sixteen(bits):
    """The drawing in levels of so many bits, `(70, 105, 1)`, int."""
    return (INK.astype(int) * (2**bits - 1) // 255)[..., None]


def written(kind, image=COLOUR, **options):
    """A file of a kind for which Pillow may lack the library; None where it does."""
    known = {"AVIF": "avif", "JPEG2000": "jpg_2000", "WEBP": "webp"}
    if kind in known and not features.check(known[kind]):
        return None
    return saved(image, kind, **options)


ALPHA = np.concatenate([COLOUR, SOLID], axis=-1)
WHITE_INK = np.concatenate([np.full_like(COLOUR, 255), SOLID], axis=-1)
PLAIN = saved(INK, "PNG")
PHOTO = saved(COLOUR, "JPEG", quality=95)
STILL = saved(palette(), "GIF")

# What a row of the table is called, and files of that kind.
KINDS = {
    "PNG, grey": [PLAIN],
    "PNG, RGB": [saved(COLOUR, "PNG")],
    "PNG, 1, 2 and 4 bits per pixel": [
        png((INK[..., None].astype(int) * (2**bits - 1)) // 255, bits, GREY) for bits in (1, 2, 4)
    ],
    "PNG, palette": [saved(palette(), "PNG"), saved(palette(200), "PNG")],
    "PNG, palette with a transparent colour": [saved(palette(), "PNG", transparency=0)],
    "PNG, one transparent colour": [
        saved(INK, "PNG", transparency=255),
        saved(COLOUR, "PNG", transparency=(255, 255, 255)),
    ],
    "PNG, grey with opacity": [saved(np.concatenate([INK[..., None], SOLID], axis=-1), "PNG")],
    "PNG, RGB with opacity": [saved(ALPHA, "PNG")],
    "PNG, the drawing in the opacity alone": [
        saved(WHITE_INK, "PNG"),
        saved(np.concatenate([np.zeros_like(COLOUR), SOLID], axis=-1), "PNG"),
    ],
    "PNG, interlaced": [
        png(COLOUR, 8, RGB, interlaced=True),
        png(of_sixteen(16), 16, GREY, interlaced=True),
    ],
    "PNG, 16 bits, grey": [png(of_sixteen(16), 16, GREY)],
    "PNG, 16 bits, of which 10 to 14 are used": [
        png(of_sixteen(bits), 16, GREY) for bits in (10, 12, 14)
    ],
    "PNG, 16 bits, RGB, with and without opacity": [
        png(COLOUR.astype(int) * 257, 16, RGB),
        png(ALPHA.astype(int) * 257, 16, RGB_ALPHA),
    ],
    "PNG, turned as its EXIF data says": [
        saved(COLOUR, "PNG", exif=exif(orientation)) for orientation in range(1, 9)
    ],
    "PNG, light on dark": [saved(255 - INK, "PNG")],
    "PNG, faint on grey paper": [saved((INK // 3 + 60).astype(np.uint8), "PNG")],
    "PNG, animated (APNG)": [
        animated("PNG"),
        png(COLOUR, 8, RGB, chunk(b"acTL", struct.pack(">II", 1, 0))),
    ],
    "PNG, cut off": [PLAIN[: len(PLAIN) // 2], png_files.SIGNATURE],
    "PNG, cut off behind its pixels": [PLAIN[:-12]],
    "JPEG, grey": [saved(INK, "JPEG", quality=95)],
    "JPEG, colour": [PHOTO, saved(COLOUR, "JPEG", quality=60, subsampling=2)],
    "JPEG, progressive": [saved(COLOUR, "JPEG", progressive=True)],
    "JPEG, CMYK": [
        saved(Image.fromarray(COLOUR).convert("CMYK"), "JPEG", quality=95),
        without_adobe(saved(Image.fromarray(COLOUR).convert("CMYK"), "JPEG", quality=95)),
    ],
    "JPEG, turned as its EXIF data says": [
        saved(COLOUR, "JPEG", exif=exif(orientation, big_endian))
        for orientation in range(1, 9)
        for big_endian in (False, True)
    ],
    "JPEG, with damaged EXIF data": [
        saved(COLOUR, "JPEG", exif=data)
        for data in (exif(6)[:12], exif(6)[:20], b"Exif\0\0nonsense", exif(9), exif(6, kind=7))
    ],
    "JPEG, of a camera that adds pictures (MPO)": [two_pictures()],
    "JPEG, cut off": [PHOTO[: len(PHOTO) // 2], PHOTO[:-2], b"\xff\xd8\xff"],
    "BMP, 1, 4 and 8 bits per pixel": [
        saved(Image.fromarray(INK).convert("1"), "BMP"),
        bmp(
            packed(INK // 17, 4),
            WIDTH,
            4,
            palette=bytes(level for grey in range(16) for level in (grey * 17,) * 3 + (0,)),
        ),
        saved(INK, "BMP"),
        saved(palette(), "BMP"),
    ],
    "BMP, 24 and 32 bits per pixel": [
        saved(COLOUR, "BMP"),
        bmp([row[:, ::-1].tobytes() for row in COLOUR], WIDTH, 24, from_top=True),
        saved(ALPHA, "BMP"),
        bmp(
            [row[:, [2, 1, 0, 3]].tobytes() for row in ALPHA],
            WIDTH,
            32,
            compression=3,
            masks=struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000),
        ),
    ],
    "BMP, 16 bits per pixel": [
        bmp([row.astype("<u2").tobytes() for row in INK.astype(int) // 8 * 0x421], WIDTH, 16)
    ],
    "BMP, compressed": [rle()],
    "BMP, cut off": [saved(COLOUR, "BMP")[:-500], b"BM"],
    "GIF": [STILL, saved(INK, "GIF"), saved(palette(), "GIF", interlace=0)],
    "GIF, with a transparent colour": [saved(palette(), "GIF", transparency=0)],
    "GIF, smaller than its canvas": [
        resized_canvas(STILL, HEIGHT + 10, WIDTH + 20),
        resized_canvas(saved(palette(), "GIF", transparency=0), HEIGHT + 10, WIDTH + 20),
    ],
    "GIF, animated": [animated("GIF")],
    "GIF, cut off": [STILL[:-20], b"GIF89a"],
    "WebP": [written("WEBP")],
    "WebP, animated": [written("WEBP", palette(), save_all=True, append_images=[frames()[1]])],
    "AVIF": [written("AVIF")],
    "JPEG 2000": [written("JPEG2000")],
    "TIFF": [saved(COLOUR, "TIFF"), saved(COLOUR, "TIFF", compression="tiff_lzw")],
    "TIFF, several pages": [animated("TIFF")],
    "TIFF, 32 bits per channel": [
        saved(INK.astype(np.float32), "TIFF"),
        saved(INK.astype(np.int32), "TIFF"),
    ],
    "PPM, TGA and ICO": [saved(COLOUR, "PPM"), saved(COLOUR, "TGA"), saved(COLOUR, "ICO")],
    "HEIC, without pillow-heif": [b"\0\0\0\x18ftypheic\0\0\0\0heicmif1"],
    "SVG, NumPy, HTML and other files": [
        b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0L9 9"/></svg>',
        b"\x93NUMPY\x01\0",
        b"<html>404</html>",
        b"",
    ],
    "Blank, of any kind": [
        saved(np.full((20, 30), 255, np.uint8), "PNG"),
        saved(np.full((20, 30, 3), 120, np.uint8), "JPEG"),
        saved(np.zeros((20, 30), np.uint8), "BMP"),
        saved(np.zeros((20, 30, 4), np.uint8), "PNG"),
    ],
    "40 times as wide as high": [saved(np.tile(INK[:21], (1, 8)), "PNG")],
    "More than 16 megapixels": [
        saved(np.pad(INK, ((0, 4100), (0, 4100)), constant_values=255), "PNG")
    ],
    "More than 32,767 pixels on a side": [
        saved(np.where(np.arange(80_000) % 3, 255, 0).astype(np.uint8).reshape(2, -1), "PNG")
    ],
}
