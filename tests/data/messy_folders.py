"""Folders of images as people have them, made for the tests."""

import os
from pathlib import Path

import numpy as np
from PIL import Image


def draw(path: Path, level: int = 0) -> Path:
    """Writes a white image of 8x8 with a dark bar, its folder too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.full((8, 8), 255, np.uint8)
    pixels[2:4] = level
    Image.fromarray(pixels).save(path)
    return path


def classes(root: Path, number: int = 6, images: int = 3, start: int = 0) -> Path:
    """Writes class folders c0, c1, ... with images 0.png, 1.png, ..."""
    for name in range(number):
        for image in range(start, start + images):
            draw(root / f"c{name}" / f"{image}.png", level=10 * name + image)
    return root


def mess(root: Path) -> list[Path]:
    """Puts what lies about on people's disks into a folder of classes c0, c1, ...; lists it."""
    content = b"file,class\na,b\n" * 40
    files = [
        "README.txt",
        "labels.csv",
        "notes.md",
        "LICENSE",
        "c0/annotations.json",
        "c0/0.xml",
        "c0/data.yaml",
        "c0/list.pdf",
        "c1/Icon\r",
        "c1/ehthumbs.db",
        "c1/Thumbs.db",
        "c1/.DS_Store",
        "c1/desktop.ini",
        "c1/0.png~",
        "c2/@eaDir/0.png/SYNOPHOTO_THUMB_M.jpg",
        "__MACOSX/c0/._0.png",
        ".ipynb_checkpoints/c0/0.png",
        "notebooks/train.ipynb",
    ]
    found = []
    for name in files:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"" if name.endswith("\r") else content)
        found.append(path)
    found[-5:] = [root / "c1/0.png~", root / "c2/@eaDir", root / "__MACOSX"]
    found += [root / ".ipynb_checkpoints", root / "notebooks"]
    (root / "c0" / "gone.png").symlink_to(root / "nowhere.png")
    (root / "c0" / "round.png").symlink_to(root / "c0" / "round.png")
    (root / "c2" / "above").symlink_to(root, target_is_directory=True)
    (root / "empty").mkdir()
    os.mkfifo(root / "c2" / "pipe.png")
    return [
        *found,
        root / "c0/gone.png",
        root / "c0/round.png",
        root / "c2/above",
        root / "empty",
        root / "c2/pipe.png",
    ]
