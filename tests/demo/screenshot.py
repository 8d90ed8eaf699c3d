"""Take docs/figures/demo.png: the page with photographs, named by the network that ships.

python -m tests.demo.screenshot [FOLDER]

The photographs are rendered: drawings of an evaluation alphabet of Omniglot, by two drawers, on
paper as the robustness suite pictures it. Nothing of them is chosen but the seed, 0. Needs
`KERAS_SIAMESE_DATA`.

With FOLDER, pictures of both tabs at widths of 1280 and 390 pixels are left there, to look at.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from keras_siamese import load_omniglot
from studies.robustness.looks import render
from tests.demo.browser import Page, browser, served

FIGURE = Path(__file__).resolve().parents[2] / "docs" / "figures" / "demo.png"


def shoot(page, path, width):
    """Save a picture of the whole page."""
    page.driver.set_window_size(width, 900)
    page.driver.execute_async_script("document.fonts.ready.then(arguments[0])")
    height = page.driver.execute_script("return document.querySelector('gradio-app').scrollHeight")
    # The window's height counts the browser's own bars, some 150 pixels.
    page.driver.set_window_size(width, height + 160)
    page.driver.execute_async_script("setTimeout(arguments[0], 1000)")
    page.driver.save_screenshot(str(path))


def photographs(folder, seed=0, characters=6):
    """Save a photograph of each of some characters, and one of the first by somebody else.

    Returns:
        The files of the characters, and that of the first again.
    """
    rng = np.random.default_rng(seed)
    known = load_omniglot("evaluation")
    alphabet = rng.integers(known.alphabet.max() + 1)
    chosen = rng.permutation(np.unique(known.character[known.alphabet == alphabet]))[:characters]
    one, other = rng.permutation(np.unique(known.drawer))[:2]
    looks = ("phone, ruled paper", "phone, squared paper", "phone, plain paper")

    def save(name, character, drawer, look):
        place = np.flatnonzero((known.character == character) & (known.drawer == drawer))[0]
        picture = render(known.images[place, ..., 0] > 127, look, seed + int(place))
        Image.fromarray(picture).save(folder / f"{name}.png")
        return folder / f"{name}.png"

    files = [
        save(f"sign {number}", character, one, looks[number % len(looks)])
        for number, character in enumerate(chosen, start=1)
    ]
    return files, save("query", chosen[0], other, looks[0])


def show_photographs(page, folder):
    """Upload the photographs, as a person does, and ask for a name."""
    files, query = photographs(folder)
    for number, file in enumerate(files, start=1):
        page.upload("#support-upload", file)
        page.wait(lambda: page.find("#support-seen .read img"))
        page.driver.find_element("css selector", "#name textarea, #name input").send_keys(file.stem)
        page.click("#add")
        page.wait(lambda number=number: len(page.find("#shown figure")) == number)
        page.wait(lambda: not page.find("#support-seen .read"))
    page.upload("#query-upload", query)
    page.wait(lambda: page.find("#query-seen .read img"))
    page.click("#rank")
    page.wait(lambda: page.find("#ranking li"))


def main():
    """Serve the page, fill it with photographs and take the pictures."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    with served() as address, browser() as driver, tempfile.TemporaryDirectory() as pictures:
        page = Page(driver, address)
        show_photographs(page, Path(pictures))
        shoot(page, FIGURE, 1280)
        # Few colours make it small.
        Image.open(FIGURE).convert("RGB").quantize(128, dither=Image.Dither.NONE).save(
            FIGURE, optimize=True
        )
        if folder:
            shoot(page, folder / "name-390.png", 390)
            page.click("button[role=tab]:nth-of-type(2)")
            page.click("#load-pair")
            page.wait(lambda: page.find("#pair .seen img"))
            shoot(page, folder / "compare-390.png", 390)
            shoot(page, folder / "compare-1280.png", 1280)


if __name__ == "__main__":
    main()
