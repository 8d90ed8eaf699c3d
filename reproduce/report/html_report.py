"""Write the results as one HTML file that needs nothing else: tables, figures, deviations, costs.

python -m reproduce.report.html_report                              writes report.html
python -m reproduce.report.html_report --results DIR --output FILE
"""

from __future__ import annotations

import argparse
import base64
import html
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from string import Template
from typing import Any

from keras_siamese.data.atomic import atomic_write
from reproduce.published import measure, published
from reproduce.report.figures import Drawn, draw_all
from reproduce.report.plots.sources import gather, load_data
from reproduce.report.tables import TABLES
from reproduce.results import RESULTS, ROOT, load_results
from reproduce.table import MISSING, Result, Table

TEMPLATE = Path(__file__).parent / "template.html"
# The one place where the deviations are written down.
DEVIATIONS = ROOT / "docs" / "reproduction.md"


def build(
    results: list[Result],
    data: list[dict[str, Any]],
    tables: Mapping[str, Callable[[list[Result]], Table]] = TABLES,
) -> str:
    """Return the report as HTML.

    Args:
        results: Contents of the result files, each with its `file`.
        data: Contents of the figure-data files.
        tables: What makes each table of the results.

    Returns:
        A page that fetches nothing.
    """
    sources = gather(results, data)
    drawn, left_out = draw_all(sources)
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        headline=headline(sources.main_result()),
        tables="\n".join(
            f"<h3>{cell(table.title)}</h3>\n{table_html(table.headings, table.rows)}"
            for table in (make(results) for make in tables.values())
        ),
        figures=figures_html(drawn, left_out),
        deviations=deviations(DEVIATIONS.read_text(encoding="utf-8")),
        runs="\n".join(map(run_html, results)) or "<p>There is no result yet.</p>",
    )


def headline(result: Result | None) -> str:
    """Return the main run's figures that the paper has, too, next to the paper's."""
    if result is None:
        return "<p>No network has been scored on the official runs yet.</p>"
    numbers = []
    for entry in scores(result):
        paper = published(entry, result["config"]["data"])
        if paper and entry["cell"] != "nearest neighbour":
            low, high = entry["interval"]
            protocol = f", {entry['protocol']}" if entry["table"] == 2 else ""
            numbers.append(
                f'<div class="number">{cell(measure(entry) + protocol)}'
                f"<b>{entry['value']:.2%}</b>95 % interval {low:.1%} to {high:.1%}, n = "
                f"{entry['n']:,}<br>paper: {cell(paper)}</div>"
            )
    return (
        f'<div class="numbers">{"".join(numbers)}</div>\n'
        f"<p>This is the run <code>{cell(run_name(result))}</code>: of those whose test was "
        "scored, the one with the highest accuracy on the validation trials. The test had no say "
        "in the choice.</p>"
    )


def table_html(headings: list[str], rows: Iterable[list[str]]) -> str:
    """Return a table that scrolls where the screen is narrow."""
    head = "".join(f"<th>{cell(heading)}</th>" for heading in headings)
    body = ""
    for row in rows:
        texts = (f"<td{' class=soft' * (text == MISSING)}>{cell(text)}</td>" for text in row)
        body += f"<tr>{''.join(texts)}</tr>\n"
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="scroll">{table}</div>'


def cell(text: str) -> str:
    """Return text for HTML; Markdown's bold is kept."""
    return re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", html.escape(text))


def figures_html(drawn: dict[str, Drawn], left_out: list[str]) -> str:
    """Return the figures with their captions, and the names of those that lack data."""
    parts = [
        f'<figure><img alt="{cell(figure.title)}" '
        f'src="data:image/png;base64,{base64.b64encode(figure.png).decode()}">'
        f"<figcaption><strong>{cell(figure.title)}</strong>{cell(figure.caption)}"
        f"<small>From {cell(figure.origin)}.</small></figcaption></figure>"
        for figure in drawn.values()
    ]
    if left_out:
        parts.append(f"<p>Not drawn, for lack of data: {', '.join(map(cell, left_out))}.</p>")
    return "\n".join(parts)


def deviations(page: str) -> str:
    """Return the page's section "Deviations" as HTML.

    Raises:
        ValueError: If the page has no such section.
    """
    found = re.search(r"^## Deviations\b.*?\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    if found is None:
        raise ValueError(f"{DEVIATIONS} must have a section '## Deviations'. Received: none.")
    from markdown import markdown

    return markdown(found[1])


def run_html(result: Result) -> str:
    """Return what a run cost and on what it ran, and every one of its scores."""
    training, hardware = result.get("training"), result.get("hardware", {})
    facts = {"file": result["file"], "commit": result.get("commit") or "unknown"}
    if training:
        ended = "finished" if training["finished"] else "not finished"
        facts["training"] = (
            f"{training['epochs']} epochs, {ended}, the best {training['best_epoch'] + 1}; "
            f"{sum(training['history']['seconds']) / 60:.1f} minutes"
        )
    if "seconds" in result:
        facts["in all"] = f"{result['seconds'] / 60:.1f} minutes"
    if "validation_pairs" in result:
        area, n = result["validation_pairs"]["auc"], result["validation_pairs"]["n"]
        facts["validation pairs"] = f"area under the curve {area:.4f}, n = {n:,}"
    if hardware:
        gpus = ", ".join(hardware["gpus"]) or "no GPU"
        facts["hardware"] = f"{hardware['processor']}, {hardware['cores']} cores, {gpus}"
    cost = ", ".join(facts[name] for name in ("in all", "hardware") if name in facts)
    facts["versions"] = ", ".join(f"{k} {v}" for k, v in result.get("versions", {}).items())
    validated = (result.get(name) for name in ("validation", "validation_wide"))
    shown = [entry for entry in (*validated, *scores(result)) if entry]
    rows = [
        [
            measure(entry),
            f"{entry['cell']}, {entry['size']}x{entry['size']}",
            entry["protocol"],
            published(entry, result["config"]["data"]),
            f"**{entry['value']:.2%}**",
            f"{entry['interval'][0]:.1%} to {entry['interval'][1]:.1%}",
            f"{entry['n']:,}",
        ]
        for entry in shown
    ]
    listed = "".join(f"<dt>{cell(name)}</dt><dd>{cell(fact)}</dd>" for name, fact in facts.items())
    headings = ["measure", "what", "protocol", "paper", "ours", "95 % interval", "n"]
    return (
        f'<details><summary>{cell(run_name(result))} <span class="soft">{cell(cost)}</span>'
        f"</summary><dl>{listed}</dl>"
        f"{table_html(headings, rows)}</details>"
    )


def scores(result: Result) -> list[Result]:
    """Return the test scores of a result; one that was only validated has none."""
    return [] if result["table"] is None else [result, *result["other_results"]]


def run_name(result: Result) -> str:
    """Return the name of a run."""
    return f"{result['config']['name']}, seed {result['seed']}"


def write(folder: Path, output: Path) -> Path:
    """Write the report of a folder of results; return where."""
    page = build(load_results(folder), load_data(folder / "figures"))
    with atomic_write(output) as file:
        file.write(page.encode())
    return output


def main(arguments: list[str] | None = None) -> None:
    """Write the report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of result files")
    parser.add_argument("--output", type=Path, default=Path("report.html"), help="file to write")
    options = parser.parse_args(arguments)
    print(f"Report: {write(options.results, options.output)}")


if __name__ == "__main__":
    main()
