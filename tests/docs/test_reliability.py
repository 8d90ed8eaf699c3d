"""The counts on the page about reliability are those of the soak that it names."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_counts_are_those_of_the_soaks():
    page = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    # As a reader sees it, without the marks of numbers.
    section = re.sub(r"<!--.*?-->", "", page.partition("## One soak")[2], flags=re.DOTALL)
    numbers = {int(each.replace(",", "")) for each in re.findall(r"\d[\d,]*(?![\d.])", section)}
    # Whole numbers of the text: exit codes and the ends of [0, 1].
    known = {0, 1, 2}
    for name in ("soak", "kills", "clients"):
        told = json.loads((ROOT / "benchmarks" / f"{name}.json").read_text())
        known |= {*told["done"].values(), told["seed"], told["peak memory beyond the start, MB"]}
        known |= set(map(int, str(told["minutes"]).split(".")))
        assert told["failure"] is None and f"{told['minutes']} minutes" in section
    assert numbers <= known, numbers - known
