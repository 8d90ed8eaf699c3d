"""Packages, drawings, glyphs and looks, on tiny stand-ins."""

import numpy as np
import pytest

from studies.signs import domains, heldout, photographs, picture_looks
from studies.signs.font_glyphs import script
from studies.signs.naming import Held, canonical, style
from studies.signs.packages import Package, PackageArchive, packages
from studies.signs.sign_pictures import SignPictures
from studies.signs.vector import on_paper, render_svg


def test_the_table_names_versions_and_free_licences():
    for item in packages().values():
        assert item.version[0].isdigit() and item.attribution
        assert "http" not in item.attribution and "@" not in item.attribution


def test_a_training_package_needs_a_free_licence(tmp_path):
    table = tmp_path / "packages.tsv"
    table.write_text(
        "registry\tname\tversion\tlicence\tuse\tattribution\nnpm\ticons\t1\tGPL-3.0\ttraining\tX\n"
    )
    with pytest.raises(ValueError, match="GPL-3.0"):
        packages(table)


def test_an_archive_is_read_in_place(tiny_archive, tmp_path):
    archive = PackageArchive(tiny_archive, tmp_path)
    assert archive.names == ["icons.json"]
    assert archive.read("icons.json") == b"{}"


def test_a_missing_package_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(OSError, match="npm must be installed"):
        PackageArchive(Package("npm", "none", "1.0", "MIT", "test", "X"), tmp_path)


@pytest.mark.parametrize("name", ["bell", "bells-outline", "outline-bell", "bell-24-filled"])
def test_style_and_size_are_no_part_of_a_name(name):
    assert canonical(name) == "bell"


def test_a_name_of_style_alone_stays():
    assert canonical("line") == "line"
    assert style("bell-outline") == "outline"
    assert style("bell") == "plain"


def test_names_are_held_out_by_their_words():
    held = Held(["user", "zoom-in"])
    assert "user-plus-fill" in held
    assert "zoom" not in held


def test_a_drawing_has_its_place_and_colour(square_set):
    picture = render_svg(square_set.svg("box-outline", ink="#f00"))
    assert picture.shape == (128, 128, 4)
    assert picture[32, 32].tolist() == [255, 0, 0, 255]
    assert picture[96, 96, 3] == 0
    assert render_svg(square_set.svg("wide")).shape == (64, 128, 4)
    assert square_set.svg("case") == square_set.svg("box-outline")
    assert square_set.names == ["box-outline", "wide"]


def test_a_transparent_picture_gets_paper(square_set):
    picture = on_paper(render_svg(square_set.svg("wide")), (0, 0, 200), side=128)
    assert picture.shape == (128, 128, 3)
    assert picture[0, 0].tolist() == [0, 0, 200]
    assert picture[40, 8].tolist() == [0, 0, 0]


def test_emoji_of_several_code_points_are_left_out(square_set, monkeypatch):
    monkeypatch.setattr(heldout, "icon_set", lambda prefix: square_set)
    found = heldout.code_points.__wrapped__("any")
    assert found == {0x1F4E6: "box-outline", 0x2B1B: "wide"}


def test_a_glyph_is_drawn_in_the_middle(tiny_font):
    picture = tiny_font.draw(0x41)
    assert tiny_font.points == {0x41, 0x393, 0x531}
    rows, columns = np.nonzero(picture > 127)
    # Half of the em square, at 84 pixels.
    assert np.ptp(rows) == pytest.approx(42, abs=2)
    assert rows.mean() == pytest.approx(63.5, abs=1.5)
    assert columns.mean() == pytest.approx(63.5, abs=1.5)


def test_scripts_are_unicodes():
    assert [script(point) for point in (0x41, 0x393, 0x1200)] == ["Latn", "Grek", "Ethi"]


def test_looks_depend_on_the_generator_alone():
    picture = np.zeros((96, 128, 3), np.uint8)
    picture[24:72, 32:96] = (200, 30, 30)
    first, second = (
        picture_looks.photograph_look(picture, np.random.default_rng(seed)) for seed in (1, 1)
    )
    assert np.array_equal(first, second)
    assert first.shape == picture.shape
    assert not np.array_equal(
        first, picture_looks.photograph_look(picture, np.random.default_rng(2))
    )
    # Its red middle stays the reddest.
    assert first[40:56, 50:78, 0].mean() > first[40:56, 50:78, 1].mean() + 50


def test_ink_and_paper_are_recoloured():
    picture = picture_looks.recoloured(
        np.array([[0, 255]], np.uint8), (10, 20, 30), (200, 210, 220)
    )
    assert picture.tolist() == [[[200, 210, 220], [10, 20, 30]]]


def test_photographs_are_cut_without_overlap():
    photo = np.arange(40 * 60 * 3, dtype=np.uint32).reshape(40, 60, 3)
    places = photographs.windows(photo, 3, 2)
    assert [place.shape for place in places] == [(20, 20, 3)] * 6
    assert len(np.unique(np.concatenate([place[..., 0].ravel() for place in places]))) == 2400


def test_two_crops_of_a_place_differ():
    window = np.random.default_rng(0).integers(0, 255, (80, 80, 3), np.uint8)
    rng = np.random.default_rng(1)
    first, second = (photographs.random_crop(window, rng) for _ in range(2))
    assert first.shape == second.shape == (128, 128, 3)
    assert not np.array_equal(first, second)


def test_a_domain_is_rendered_once_and_read_back(tmp_path, monkeypatch):
    calls = []

    def icons(part):
        calls.append(part)
        found = SignPictures(sources=[packages()["@iconify-json/feather"]])
        for variant in ("feather", "mdi"):
            found.add(np.full((96, 96, 3), len(variant), np.uint8), "bell", "icons", variant)
        return found

    monkeypatch.setitem(domains.DOMAINS, "icons", icons)
    first, second = (domains.load_domain("icons", "test", tmp_path) for _ in range(2))
    assert calls == ["test"]
    assert second.names == ["bell", "bell"] and second.variants == ["feather", "mdi"]
    assert second.sources == first.sources == [packages()["@iconify-json/feather"]]
    assert np.array_equal(second.pictures, first.pictures)


def test_unknown_domains_and_parts_are_refused():
    with pytest.raises(ValueError, match="'faces'"):
        domains.load_domain("faces", "test")
    with pytest.raises(ValueError, match="'train'"):
        domains.load_domain("icons", "train")


def test_digits_and_photographs_need_no_network():
    found = photographs.photographs("development")
    assert len(found.pictures) == 48 and len(set(found.names)) == 24
