"""The page in a real browser: drawing, naming, comparing, uploads, and no other host asked."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from keras_siamese import Recognizer
from keras_siamese.demo.views import as_percent
from tests.demo.browser import CHROMIUM, DRIVER, Page, browser, served

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (CHROMIUM and DRIVER and find_spec("gradio") and find_spec("selenium")),
        reason="needs Gradio, selenium, and Debian's chromium and chromium-driver",
    ),
]

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
CROSS = [[(-0.3, 0), (0.3, 0)], [(0, -0.3), (0, 0.3)]]
CORNER = [[(-0.3, -0.3), (-0.3, 0.3), (0.3, 0.3)]]


@pytest.fixture(scope="module")
def address():
    with served() as address:
        yield address


@pytest.fixture(scope="module")
def driver():
    with browser() as driver:
        yield driver


@pytest.fixture
def page(driver, address):
    return Page(driver, address)


def test_drawn_characters_are_named_and_nothing_else_is_asked(page, address):
    for number, (name, strokes) in enumerate((("cross", CROSS), ("", CORNER)), start=1):
        page.draw("#support-pad", *strokes)
        page.driver.find_element("css selector", "#name textarea, #name input").send_keys(name)
        page.click("#add")
        page.wait(lambda number=number: len(page.find("#shown figure")) == number)
    assert page.text("#shown").split("\n") == ["cross", "character 1"]
    # Drawn again, smaller and elsewhere.
    page.draw("#query-pad", [(-0.4, 0.2), (0.05, 0.25)], [(-0.2, 0), (-0.15, 0.45)])
    page.wait(lambda: page.find("#query-seen .read img"))
    page.click("#rank")
    page.wait(lambda: page.find("#ranking li"))
    assert page.find("#ranking li .name")[0].text == "cross"
    shares = [float(e.text.split()[-2]) for e in page.find("#ranking li .probability")]
    assert sum(shares) == pytest.approx(100, abs=0.2)
    asked = [url for url in page.requested() if not url.startswith(("data:", "blob:"))]
    assert len(asked) > 10
    assert all(url.startswith(address) for url in asked), asked
    severe = [e["message"] for e in page.driver.get_log("browser") if e["level"] == "SEVERE"]
    assert severe == []


def test_an_example_is_loaded_and_named_and_forgotten(page):
    page.click("#load")
    page.wait(lambda: page.find("#ranking li"))
    assert len(page.find("#shown figure")) == 6
    # The first that it asks for.
    assert page.find("#ranking li .name")[0].text == "glyph 1"
    page.click("#forget")
    page.wait(lambda: "None yet" in page.text("#shown"))
    page.click("#rank")
    page.wait(lambda: "two characters or more. Received: 0" in page.text("body"))


def test_two_drawings_are_compared_at_the_threshold_chosen(page):
    page.click("button[role=tab]:nth-of-type(2)")
    page.draw("#left-pad", *CROSS)
    page.click("#compare")
    page.wait(lambda: "The pad is empty" in page.text("body"))
    page.draw("#right-pad", *CORNER)
    page.click("#compare")
    page.wait(lambda: "Different characters" in page.text("#pair"))
    page.click("#right-pad .clear")
    page.draw("#right-pad", *CROSS)
    page.click("#compare")
    page.wait(lambda: "The same character" in page.text("#pair"))
    page.click("#load-pair")
    page.wait(lambda: page.find("#pair .seen img"))


def test_uploads_get_the_answer_of_the_command(page):
    # Of examples/sign.png and examples/signs/loop/1.png: README.md.
    page.click("button[role=tab]:nth-of-type(2)")
    page.upload("#left-upload", EXAMPLES / "sign.png")
    page.upload("#right-upload", EXAMPLES / "signs" / "loop" / "1.png")
    drawn = "return [...document.querySelectorAll('#left-pad canvas, #right-pad canvas')].every("
    ink = "c => c.getContext('2d').getImageData(0, 0, 420, 420).data.some(v => v < 50))"
    page.wait(lambda: page.driver.execute_script(drawn + ink))
    page.click("#compare")
    page.wait(lambda: page.find("#pair .probability"))
    expected = Recognizer.from_preset().verify(
        EXAMPLES / "sign.png", EXAMPLES / "signs" / "loop" / "1.png"
    )
    assert page.text("#pair .probability") == as_percent(expected.probability)


def test_an_upload_is_shown_and_named_and_a_bad_one_is_told(page, tmp_path):
    (tmp_path / "notes.png").write_text("no image")
    page.upload("#query-upload", tmp_path / "notes.png")
    page.wait(lambda: "'notes.png' must be an image file" in page.text("body"))
    with open(tmp_path / "large.png", "wb") as file:
        file.truncate(32_000_001)
    page.upload("#query-upload", tmp_path / "large.png")
    page.wait(lambda: "exceed the maximum allowed size" in page.text("body"))
    Image.new("L", (300, 300), 200).save(tmp_path / "blank.png")
    page.upload("#query-upload", tmp_path / "blank.png")
    page.wait(lambda: "The picture must show a drawing" in page.text("#query-seen"))
    # The page lives on, with a photograph: white on grey, larger than the pad.
    drawing = np.full((900, 700), 120, np.uint8)
    drawing[430:470, 100:600] = drawing[200:700, 330:370] = 255
    Image.fromarray(drawing).save(tmp_path / "cross.png")
    page.click("#load")
    page.wait(lambda: page.find("#ranking li"))
    page.draw("#support-pad", *CROSS)
    page.driver.find_element("css selector", "#name textarea, #name input").send_keys("cross")
    page.click("#add")
    page.wait(lambda: len(page.find("#shown figure")) == 7)
    page.upload("#query-upload", tmp_path / "cross.png")
    script = "return document.querySelector('#query-pad canvas').getContext('2d')"
    page.wait(
        lambda: page.driver.execute_script(f"{script}.getImageData(60,60,1,1).data[0]") == 120
    )
    page.click("#rank")
    page.wait(lambda: page.find("#ranking li .name")[0].text == "cross")


def test_the_camera_puts_its_picture_on_the_pad(page):
    page.click("#query-pad .camera")
    page.wait(lambda: page.text("#query-pad .camera") == "Take the picture")
    page.click("#query-pad .camera")
    page.wait(lambda: page.find("#query-seen .read"))
    assert page.text("#query-pad .camera") == "Camera"
