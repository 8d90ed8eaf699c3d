"""The documentation builds without a warning, its links lead somewhere, its examples run."""

import html
import importlib
import re
from pathlib import Path
from types import SimpleNamespace

import markdown
import pytest

from keras_siamese import Recognizer, make_glyphs
from tests import forked
from website.cells import CellLabels
from website.docstrings import with_examples
from website.hooks import for_the_site, on_page_markdown
from website.links import problems
from website.mathml import MathML

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PACKAGES = ("", "data", "evaluation", "models", "plots", "training")


def test_no_link_is_dead_and_nothing_is_fetched_from_elsewhere(site):
    assert problems(site) == []


def test_formulas_are_set_without_a_script(site):
    page = (site / "tied-weights.html").read_text(encoding="utf-8")
    assert page.count("<math") > 40
    article = page[page.index("<article") : page.index("</article>")]
    assert "$" not in re.sub(r"<(pre|code).*?</\1>", "", article, flags=re.DOTALL)
    # Comments of the pages do not reach the site, and no figure is missing.
    assert "<!--" not in article


def test_the_first_page_is_the_readme_with_its_picture(site):
    page = (site / "index.html").read_text(encoding="utf-8")
    article = page[page.index("<article") : page.index("</article>")]
    text = " ".join(html.unescape(re.sub(r"<[^>]+>", "", article)).split())
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for heading in re.findall(r"^## (.*)$", readme, re.MULTILINE):
        assert heading in text
    assert "Siamese networks for one-shot recognition and verification" in text
    assert 'src="figures/demo.png"' in article
    assert 'href="own-images.html"' in article and 'href="changelog.html"' in article
    assert "docs/" not in re.sub(r"<(pre|code).*?</\1>", "", article, flags=re.DOTALL)
    # One source: the page among the documents tells nothing.
    assert len((DOCS / "index.md").read_text(encoding="utf-8").split()) < 12


def test_no_column_says_that_nothing_was_run(site):
    for path in site.glob("*.html"):
        assert "<td>not run" not in path.read_text(encoding="utf-8"), path.name


def test_links_of_the_readme_lead_to_pages_of_the_site():
    assert (
        for_the_site(
            "![a](docs/figures/a.png) [b](docs/b.md#c) [d](LICENSE) [e](CHANGELOG.md) [f](https://f.org)"
        )
        == "![a](figures/a.png) [b](b.md#c) d [e](changelog.md) [f](https://f.org)"
    )


def test_a_line_does_not_break_before_a_per_cent_sign():
    page = SimpleNamespace(file=SimpleNamespace(src_uri="x.md"))
    text = "It is 5 %, `6 %`.\n\n    7 %\n\n```\n8 %\n```\n9 %"
    shown = on_page_markdown(text, page=page)
    assert shown == text.replace("5 %", "5&nbsp;%").replace("9 %", "9&nbsp;%")


def test_cells_of_a_wide_table_know_their_columns():
    narrow = "| a | b |\n| --- | --- |\n| 1 | 2 |\n"
    wide = "| a | *b* `c` | d | $e$ |\n| --- | --- | --- | --- |\n| 1 | 2 | 3 | |\n"
    plain, labelled = (
        markdown.markdown(text, extensions=["tables", CellLabels(), MathML()])
        for text in (narrow, wide)
    )
    assert "data-" not in plain
    assert 'data-columns="4"' in labelled
    assert '<td data-label="b c">2</td>' in labelled
    assert re.findall(r'data-label="([^"]*)"', labelled) == ["a", "b c", "d", ""]


def test_every_figure_of_the_page_is_shown(site):
    for name in ("twins.svg", "tied-weights.svg"):
        assert (site / "figures" / name).read_text(encoding="utf-8").rstrip().endswith("</svg>")


def public_names(package):
    """Names that a package is imported for."""
    path = ".".join(["keras_siamese", *filter(None, [package])])
    return set(importlib.import_module(path).__all__) - {"__version__"}


@pytest.mark.parametrize("package", PACKAGES)
def test_reference_has_every_public_name(package, site):
    page = (site / "api.html").read_text(encoding="utf-8")
    top = public_names("")
    for name in public_names(package):
        path = "keras_siamese" if name in top else f"keras_siamese.{package}"
        assert f'id="{path}.{name}"' in page, f"docs/api.md lacks ::: {path}.{name}"


def test_reference_has_every_method_of_a_recognizer(site):
    page = (site / "api.html").read_text(encoding="utf-8")
    for name in (name for name in dir(Recognizer) if not name.startswith("_")):
        assert f'id="keras_siamese.Recognizer.{name}"' in page, name


@pytest.mark.slow
def test_examples_run(tmp_path):
    from PIL import Image

    glyphs = make_glyphs(num_alphabets=1, characters_per_alphabet=4, num_drawers=3)
    for image, character, drawer in zip(
        glyphs.images, glyphs.character, glyphs.drawer, strict=True
    ):
        folder = tmp_path / "my_images" / f"class{character}"
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(255 - image[..., 0]).save(folder / f"{drawer}.png")
    blocks = re.findall(r"```python\n(.*?)```", (DOCS / "serving.md").read_text("utf-8"), re.DOTALL)
    assert blocks
    done = forked.run(["-c", "\n".join(blocks)], cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_dead_links_and_foreign_addresses_are_found(tmp_path):
    (tmp_path / "a.html").write_text(
        '<a href="b.html#there">x</a><a href="b.html#gone">x</a><a href="c.html">x</a>'
        '<a href="https://example.org">x</a><img src="https://example.org/x.png">'
    )
    (tmp_path / "b.html").write_text('<p id="there">x</p>')
    (tmp_path / "s.css").write_text("@import url(https://example.org/font.css);")
    assert problems(tmp_path) == [
        "a.html: dead link c.html",
        "a.html: fetches https://example.org/x.png",
        "a.html: no such place b.html#gone",
        "s.css: fetches https://example.org/font.css",
    ]
    with pytest.raises(ValueError, match="must hold HTML pages"):
        problems(tmp_path / "nothing")


def test_formula_becomes_mathml_and_code_stays():
    shown = markdown.markdown("So $a_b^2$, not `$c$` or $5 and $6.", extensions=[MathML()])
    assert shown.count("<math") == 1
    assert "<msubsup>" in shown
    assert "<code>$c$</code>" in shown and "$5 and $6" in shown
    matrix = markdown.markdown(
        r"$\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}$", extensions=[MathML()]
    )
    assert '<mtable class="matrix">' in matrix and "&#x00028;" not in matrix


def test_examples_of_docstrings_are_code():
    assert with_examples("One.\n\nExample:\n    >>> 1\n    1") == (
        "One.\n\nExamples:\n    >>> 1\n    1"
    )
    assert with_examples("One.\n\nExample:\n    f(1)").split("\n")[2:] == [
        "Example:",
        "    ```python",
        "    f(1)",
        "    ```",
        "",
    ]
    assert with_examples("One.") == "One."
