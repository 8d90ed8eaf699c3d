"""What others print next to the network that ships, which is scored on the test alphabets alone."""

from keras_siamese.pretrained import pretrained_card
from studies.beyond.train_pretrained import card_cell
from website.tables import published_tables


def test_our_row_is_of_the_test_alphabets():
    known = {
        (card_cell(score), score["protocol"], score["part"]): score["value"]
        for score in pretrained_card()["scores"]
    }
    (ours,) = [row for row in published_tables.within([]).rows if row[0] == published_tables.OURS]
    for cell, shown in zip(published_tables.KINDS, ours[1:], strict=False):
        value = known[cell, "within-alphabet", "test"]
        assert value != known[cell, "within-alphabet", "validation"]
        assert float(shown.removesuffix(" %")) == round(100 * value, 2)


def test_what_was_not_scored_on_a_part_alone_stays_empty():
    (ours,) = [row for row in published_tables.across([]).rows if row[0] == published_tables.OURS]
    assert [bool(cell) for cell in ours[1:5]] == [True, True, False, False]
