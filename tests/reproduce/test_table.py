"""A table in Markdown: gaps are dashes, and a column of gaps alone is left out."""

from reproduce.table import MISSING, RIGHT, Table


def test_gaps_are_dashes_and_columns_of_gaps_are_left_out():
    headings = ["what", "ours", "interval", "theirs", "note"]
    rows = [["a", "1", "0 to 2", MISSING, ""], ["b", MISSING, "", MISSING, ""]]
    assert Table("Title", headings, rows).markdown().splitlines() == [
        "| what | ours | interval |",
        "| --- | --- | --- |",
        "| a | 1 | 0 to 2 |",
        "| b | – |  |",
    ]


def test_a_table_without_rows_keeps_its_headings():
    assert Table("Title", ["a", "b"], [], RIGHT).markdown() == "| a | b |\n| --- | ---: |"
