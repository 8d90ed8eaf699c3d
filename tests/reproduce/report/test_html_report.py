"""The report: one file that fetches nothing and holds every value."""

import json
import re
from html.parser import HTMLParser

import pytest

from reproduce.report import html_report
from reproduce.table import Table
from tests.reproduce.figure_sources import figure_data, result

pytest.importorskip("matplotlib")


class Page(HTMLParser):
    """Tags with their attributes, and the text of a page."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.text += data

    def attributes(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def stand_in(results):
    """A table of the test's own."""
    return Table("Stand-in", ["what", "value"], [["<script>", f"**{len(results)} results**"]])


@pytest.fixture(scope="module")
def results():
    validated = {**result("90k", seed=2, validation=0.4321), "table": None, "other_results": []}
    return [result(), result("150k x8", seed=1, value=0.9345), validated]


@pytest.fixture(scope="module")
def source(results):
    return html_report.build_report(results, [figure_data()], {"one": stand_in})


@pytest.fixture(scope="module")
def page(source):
    return Page(source)


def test_it_fetches_nothing(source, page):
    for tag, attributes in page.tags:
        assert tag not in ("script", "link", "iframe", "object", "embed", "base")
        for name in ("src", "srcset", "href", "data", "poster"):
            if name in attributes:
                assert attributes[name].startswith("data:image/png;base64,")
    assert not re.search(r"url\(|@import", source)


def test_it_suits_phones_and_both_colour_schemes(source, page):
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in (
        page.attributes("meta")
    )
    assert "prefers-color-scheme: dark" in source


def test_it_holds_every_value_of_the_results(results, page):
    for one in results:
        scored = [] if one["table"] is None else [one, *one["other_results"]]
        for entry in (one["validation"], one["validation_wide"], *scored):
            low, high = entry["interval"]
            for text in (f"{entry['value']:.2%}", f"{low:.1%} to {high:.1%}", f"{entry['n']:,}"):
                assert text in page.text
        for text in (one["file"], f"seed {one['seed']}", one["commit"], "Abacus 3000, 2 cores",
                     "3 epochs, finished, the best 2; 3.0 minutes", "3.1 minutes", "0.9876",
                     "tensorflow 2.16"):  # fmt: skip
            assert text in page.text


def test_a_run_that_was_only_validated_shows_its_validation_once(results):
    alone = Page(html_report.html(html_report.run_section(results[2])))
    assert alone.text.count("43.21%") == 1
    assert "75.00%" not in alone.text


def test_the_headline_stands_beside_the_papers_figures(results):
    text = Page(html_report.html(html_report.headline_section(results[1]))).text
    rows = [" ".join(row.split()) for row in text.split("accuracy")]
    assert rows[1].startswith(", official 75.00% 71.0% to 79.0% 400 92.00% (at 105x105)")
    assert rows[2].startswith("93.45% 92.8% to 94.0% 10,000 93.42% (at 105x105)")
    assert "21.00%" not in text
    assert "table-35-150k-x8, seed 1" in text


def test_tables_are_escaped_and_keep_bold(source, page):
    assert "Stand-in" in page.text
    assert "<td>&lt;script&gt;</td>\n<td><strong>3 results</strong></td>" in source


def test_every_figure_has_a_caption_and_an_origin(page):
    assert len(page.attributes("img")) == len(page.attributes("figcaption")) == 9
    assert all(image["alt"] for image in page.attributes("img"))
    assert "figures/table-35-30k-x8-seed0.json (seed 0), commit 0123456789" in page.text
    assert "Not drawn" not in page.text


def test_missing_figures_are_named(results):
    page = Page(html_report.build_report(results, [], {}))
    expected = "Not drawn, for lack of data: roc, fig1-trial, fig5-distortions, fig6-samples"
    assert expected in page.text
    assert len(page.attributes("img")) == 3


def test_without_results_it_says_so():
    page = Page(html_report.build_report([], []))
    assert "No network has been scored" in page.text
    assert "There is no result yet" in page.text


def test_deviations_come_from_their_page(page):
    section = html_report.deviations("# A\n## Deviations\n\n- **One**: why.\n\n## Next\n\nmore\n")
    assert html_report.html(section) == "<ul>\n<li><strong>One</strong>: why.</li>\n</ul>"
    # Those of the real page.
    assert "bfloat16" in page.text
    with pytest.raises(ValueError, match="## Deviations"):
        html_report.deviations("# A\n")


def test_the_command_writes_the_file(tmp_path, capsys):
    (tmp_path / "one.json").write_text(json.dumps(result()))
    output = tmp_path / "report.html"
    html_report.main(["--results", str(tmp_path), "--output", str(output)])
    assert "90.12%" in output.read_text(encoding="utf-8")
    assert str(output) in capsys.readouterr().out
