"""Parts of a scene, against geometry by hand."""

import numpy as np
import pytest

from studies.robustness.cameras import Camera
from studies.robustness.poses import DISTANCE, Pose, homography, through
from studies.robustness.scenes import Scene, photograph, seeded
from studies.robustness.sheets import Rules, Sheet


@pytest.fixture
def dot():
    drawing = np.zeros((105, 105), bool)
    drawing[50:55, 50:55] = True
    return drawing


def dark_rows(picture, column):
    """Rows of a column where a line is."""
    return np.flatnonzero(picture[:, column].mean(axis=-1) < 250)


def test_a_pitched_sheet_is_seen_as_by_a_pinhole_camera():
    seen = through(homography(Pose(pitch=30)), np.array([[-0.3, 0.3], [0.2, 0.2]]))
    # A point a below the middle is a*sin(30) farther away, and a*cos(30) below the axis.
    far = DISTANCE + np.array([-0.3, 0.3]) * 0.5
    assert seen[0] == pytest.approx(DISTANCE * np.array([-0.3, 0.3]) * np.cos(np.pi / 6) / far)
    assert seen[1] == pytest.approx(DISTANCE * 0.2 / far)


def test_a_turned_sheet_is_turned_clockwise():
    seen = through(homography(Pose(turn=90)), np.array([[0.0], [0.25]]))
    assert seen[:, 0] == pytest.approx([0.25, 0])


@pytest.mark.parametrize("squared", [False, True])
def test_rules_lie_at_their_spacing(dot, squared):
    rules = Rules(0.1, 1 / 240, (0, 0, 0), squared)
    picture = photograph(dot, Scene(sheet=Sheet(rules=rules)), seeded(0))
    # One runs through the middle, between the rows 119 and 120; the next ones 24 rows on.
    rows = [row for row in range(240) if row % 24 in (0, 23)]
    assert dark_rows(picture, column=5).tolist() == rows
    across = dark_rows(picture.transpose(1, 0, 2), column=5)
    assert across.tolist() == (rows if squared else [])


def test_rules_turn_with_the_sheet(dot):
    rules = Rules(2.0, 0.02, (0, 0, 0), offset=(0.05, 0))
    scene = Scene(sheet=Sheet(rules=rules), pose=Pose(turn=10), camera=Camera(200, 300))
    picture = photograph(dot, scene, seeded(0))
    columns = np.array([10, 290])
    rows = [dark_rows(picture, column).mean() for column in columns]
    assert np.diff(rows)[0] / 280 == pytest.approx(np.tan(np.deg2rad(10)), rel=0.02)


@pytest.mark.parametrize("place", [(0.0, 0.0), (1.0, 0.0), (0.5, 1.0)])
def test_ink_lies_where_it_is_placed(dot, place):
    pose = Pose(size=0.5, place=place, margin=0.1, pitch=20, turn=15)
    picture = photograph(dot, Scene(pose=pose, camera=Camera(200, 300)), seeded(0))
    rows, columns = np.nonzero(picture.mean(axis=-1) < 128)
    low, high = 20, np.array([180, 280])
    ends = np.array([[rows.min(), columns.min()], [rows.max() + 1, columns.max() + 1]])
    room = high - low - np.ptp(ends, axis=0)
    assert ends[0] == pytest.approx(low + room * np.array(place), abs=2.5)
