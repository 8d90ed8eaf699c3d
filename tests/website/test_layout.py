"""On a laptop and on a phone, no page, table or code is wider than what is seen of it."""

from importlib.util import find_spec

import pytest

from tests.demo.browser import CHROMIUM, DRIVER, browser

WIDTHS = (1280, 390)
# What is cut off: a box whose content is wider than itself, or that ends outside of the screen.
CUT_OFF = """
const shown = document.documentElement.clientWidth, found = [];
if (document.documentElement.scrollWidth > shown + 1) {
  found.push(`the page: ${document.documentElement.scrollWidth} of ${shown} pixels`);
}
for (const box of document.querySelectorAll(
  ".md-content table, .md-content :is(th, td), .md-content pre, .md-content pre > code, " +
  ".md-content code, .md-typeset__scrollwrap, .md-content img"
)) {
  const place = box.getBoundingClientRect();
  if (place.width === 0) continue;
  const cut = getComputedStyle(box).display !== "inline" && box.scrollWidth > box.clientWidth + 1;
  if (cut || place.right > shown + 1 || place.left < -1) {
    found.push(`${box.tagName}: ${box.innerText.slice(0, 60)}`);
  }
}
return found;
"""


@pytest.fixture(scope="module")
def driver():
    if not (CHROMIUM and DRIVER and find_spec("selenium")):
        pytest.skip("needs selenium, and Debian's chromium and chromium-driver")
    with browser() as driver:
        yield driver


def cut_off(driver, path, width):
    """Lists what is cut off on a page. A window of Chromium is never as narrow as a phone."""
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500},
    )
    driver.get(path.as_uri())
    return driver.execute_script(CUT_OFF)


@pytest.mark.slow
@pytest.mark.parametrize("width", WIDTHS)
def test_no_table_and_no_code_is_cut_off(width, driver, site):
    paths = sorted(site.glob("*.html"))
    assert len(paths) > 15
    found = {path.name: cut_off(driver, path, width) for path in paths}
    assert {name: cut for name, cut in found.items() if cut} == {}


@pytest.mark.slow
def test_what_is_cut_off_is_found(driver, tmp_path):
    page = tmp_path / "page.html"
    start = '<meta name="viewport" content="width=device-width"><div class="md-content">'
    long = "word" * 200
    for html, name in (
        (f'<pre style="overflow: auto">{long}</pre>', "PRE"),
        (f"<table><tr><td>{long}</td></tr></table>", "the page"),
        (f'<div style="overflow: auto"><table><tr><td>{long}</td></tr></table></div>', "TABLE"),
    ):
        page.write_text(start + html)
        assert any(cut.startswith(name) for cut in cut_off(driver, page, 390)), name
    page.write_text(f"{start}<p>word</p><pre>word</pre>")
    assert cut_off(driver, page, 390) == []
