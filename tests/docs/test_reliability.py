"""The counts on the page about reliability are those of the soak that it names."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_counts_are_those_of_the_soak():
    told = json.loads((ROOT / "benchmarks" / "soak.json").read_text())
    page = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    section = page.partition("## One soak")[2]
    numbers = {int(each.replace(",", "")) for each in re.findall(r"\d[\d,]*(?![\d.])", section)}
    known = {*told["done"].values(), told["seed"], told["peak memory beyond the start, MB"]}
    # Whole numbers of the text: exit codes, the ends of [0, 1], and the parts of the minutes.
    known |= {0, 1, 2, *map(int, str(told["minutes"]).split("."))}
    assert told["failure"] is None and f"{told['minutes']} minutes" in section
    assert numbers <= known, numbers - known
