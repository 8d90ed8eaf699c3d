"""Take docs/figures/demo.png: the page with its example, as the weights in the package name it.

python -m tests.demo.screenshot [FOLDER]

With FOLDER, pictures of both tabs at widths of 1280 and 390 pixels are left there, to look at.
"""

import sys
from pathlib import Path

from PIL import Image

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


def main():
    """Serve the page, fill it with the example and take the pictures."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    with served() as address, browser() as driver:
        page = Page(driver, address)
        page.click("#load")
        page.wait(lambda: page.find("#ranking li"))
        shoot(page, FIGURE, 1280)
        # Few colours make it small.
        Image.open(FIGURE).convert("RGB").quantize(64).save(FIGURE, optimize=True)
        if folder:
            shoot(page, folder / "name-390.png", 390)
            page.click("button[role=tab]:nth-of-type(2)")
            page.click("#load-pair")
            page.wait(lambda: page.find("#pair .seen img"))
            shoot(page, folder / "compare-390.png", 390)
            shoot(page, folder / "compare-1280.png", 1280)


if __name__ == "__main__":
    main()
