"""The paper's three tables, ours next to its numbers, from the result files alone."""

from __future__ import annotations

from keras_siamese.evaluation import wilson_interval
from reproduce import published
from reproduce.paper.plan import BASES, CONVOLUTIONAL, is_tables_network, pairs_cell
from reproduce.table import MISSING, Result, Table, pairs_seen


def entries(results: list[Result], *, table: int, cell: str, protocol: str, size: int) -> list:
    """Return the scores of one cell, one for each seed, as `(seed, entry)`.

    They are of the training that `scored` chooses.
    """
    found = scored(results, table=table, cell=cell, protocol=protocol, size=size)
    return [(result["seed"], entry) for result, entry in found]


def scored(results: list[Result], *, table: int, cell: str, protocol: str, size: int) -> list:
    """Return the results that fill one cell and their scores of it, as `(result, entry)`, by seed.

    Of several trainings of the tables' network, the one that saw the most pairs does, whatever its
    score: the trainings of the tables, those of a larger budget, and the baselines.
    """
    found = [
        (result, entry)
        for result in results
        if result["role"] == "baseline" or _fills(result, table)
        for entry in (result, *result["other_results"])
        if (entry["table"], entry["cell"], entry["protocol"]) == (table, cell, protocol)
        and entry["size"] == size
        # Every training scores this one again for its own report.
        and (cell != "nearest neighbour" or result["role"] == "baseline")
    ]
    longest = max(found, key=lambda both: pairs_seen(both[0]), default=None)
    if longest is None:
        return []
    name = longest[0]["config"]["name"]
    seeds = [both for both in found if both[0]["config"]["name"] == name]
    return sorted(seeds, key=lambda both: both[0]["seed"])


def filling(results: list[Result]) -> list[Result]:
    """Return those of the results that fill cells of tables 1 and 2."""
    cells = [(1, cell, size) for size in BASES for cell in published.TABLE_1]
    cells += [(2, cell, size) for size, base in BASES.items() for cell in (base.encoder, "dense")]
    found = [
        result
        for table, cell, size in cells
        for result, _ in scored(
            results, table=table, cell=cell, protocol=published.PROTOCOLS[table], size=size
        )
    ]
    return [result for result in results if result in found]


def _fills(result: Result, table: int) -> bool:
    """Tell whether a training may fill cells of a table; tables 2 and 3 take the most pairs."""
    if result["role"] not in ("table", "longer"):
        return False
    config = result["config"]
    pairs = pairs_cell(config["num_pairs"], config["num_distortions"])
    return is_tables_network(config) and (table == 1 or pairs == CONVOLUTIONAL)


def measured(scores: list) -> list[str]:
    """Write the scores of a cell: the mean over seeds, each seed's, and an interval.

    The interval is Wilson's for the trials of one run at the mean's value: seeds share their
    trials, so that more of them do not make it narrower. How much they differ, the list shows.
    """
    if not scores:
        return [MISSING, ""]
    values = [entry["value"] for _, entry in scores]
    n = scores[0][1]["n"]
    mean = sum(values) / len(values)
    low, high = wilson_interval(round(mean * n), n)
    seeds = f" ({', '.join(f'{value:.2%}' for value in values)})" if len(values) > 1 else ""
    return [f"**{mean:.2%}**{seeds}", f"{low:.1%} to {high:.1%}"]


def measured_columns(results: list[Result], table: int, cell: dict[int, str]) -> list[str]:
    """Write a row's measured columns: for each size the paper's protocol, then the easier one."""
    row = []
    for size in BASES:
        for protocol in (published.PROTOCOLS[table], "across-alphabets"):
            scores = entries(results, table=table, cell=cell[size], protocol=protocol, size=size)
            row += measured(scores) if protocol != "across-alphabets" else measured(scores)[:1]
    return row


HEADINGS = [
    heading
    for size in BASES
    for heading in (
        f"ours, {size}x{size}",
        f"95 % interval, {size}x{size}",
        f"across alphabets, {size}x{size}",
    )
]


def table_1(results: list[Result]) -> Table:
    """Make table 1: verification."""
    rows = [
        [cell, f"{value:.2%}", *measured_columns(results, 1, dict.fromkeys(BASES, cell))]
        for cell, value in published.TABLE_1.items()
    ]
    title = "Table 1: verification accuracy, 10,000 test pairs"
    return Table(title, ["training pairs", "paper, 105x105", *HEADINGS], rows)


def table_2(results: list[Result]) -> Table:
    """Make table 2: one-shot classification."""
    blank = [""] * len(HEADINGS)
    rows = [
        [name, f"{value:.1%} (published)", *blank] for name, value in published.BORROWED.items()
    ]
    for name, cells, printed in (
        ("nearest neighbour, cosine", dict.fromkeys(BASES, "nearest neighbour"), "21.7%"),
        (
            "nearest neighbour, Euclidean",
            dict.fromkeys(BASES, "nearest neighbour, Euclidean"),
            "",
        ),
        ("modified Hausdorff distance", dict.fromkeys(BASES, "modified Hausdorff distance"), ""),
        ("siamese net, dense", dict.fromkeys(BASES, "dense"), "58.3%"),
        ("siamese net, convolutional", {35: "reduced", 105: "koch"}, "92.0%"),
    ):
        rows.append([name, printed or "none", *measured_columns(results, 2, cells)])
    title = "Table 2: 20-way one-shot accuracy, 400 official trials within alphabets"
    return Table(title, ["method", "paper, 105x105", *HEADINGS], rows)


def table_3(results: list[Result]) -> Table:
    """Make table 3: MNIST without fine-tuning; its net is of size 35 in the paper, too."""
    rows = []
    for name, cell, size, printed in (
        ("nearest neighbour, cosine, 28x28", "nearest neighbour, 28x28", 28, "26.5%"),
        ("nearest neighbour, Euclidean, 28x28", "nearest neighbour, Euclidean, 28x28", 28, "26.5%"),
        ("nearest neighbour, cosine", "nearest neighbour", 35, "26.5%"),
        ("nearest neighbour, Euclidean", "nearest neighbour, Euclidean", 35, "26.5%"),
        ("siamese net, convolutional", "reduced", 35, "70.3%"),
    ):
        found = entries(results, table=3, cell=cell, protocol="within-alphabet", size=size)
        rows.append([name, printed, *measured(found)])
    title = "Table 3: 10-way one-shot accuracy on MNIST, 400 trials, no fine-tuning"
    return Table(title, ["method", "paper, 35x35", "ours", "95 % interval"], rows)


def alphabets(results: list[Result]) -> Table:
    """Tabulate the official runs of table 2's convolutional net, alphabet by alphabet."""
    scores = entries(results, table=2, cell="reduced", protocol="official", size=35)
    names = sorted({name for _, entry in scores for name in entry["per_alphabet"]})
    rows = [
        [
            name.replace("_", " "),
            *("{} of {}".format(*entry["per_alphabet"][name]) for _, entry in scores),
        ]
        for name in names
    ]
    headings = ["alphabet", *(f"seed {seed}" for seed, _ in scores)]
    return Table("Official runs by alphabet, convolutional net, 35x35", headings, rows)


def headline(results: list[Result]) -> Table:
    """Tabulate the paper's numbers next to ours, one row a cell."""
    rows = [
        _headline_row(results, f"verification, {cell}", f"{value:.2%}", 1, {105: cell, 35: cell})
        for cell, value in published.TABLE_1.items()
    ]
    for name, cells in (
        ("convolutional", {105: "koch", 35: "reduced"}),
        ("dense", {105: "dense", 35: "dense"}),
    ):
        number = f"{published.TABLE_2[cells[35]]:.1%}"
        rows.append(_headline_row(results, f"20-way one-shot, {name}", number, 2, cells))
    number = f"{published.TABLE_3['reduced']:.1%} (at 35x35)"
    rows.append(_headline_row(results, "MNIST 10-way one-shot", number, 3, {35: "reduced"}))
    headings = ["what", "paper, 105x105"]
    for size in (105, 35):
        headings += [f"ours, {size}x{size}", f"95 % interval, {size}x{size}"]
        headings.append(f"pairs seen, {size}x{size}")
    return Table("The paper's numbers and ours", headings, rows)


def _headline_row(
    results: list[Result], name: str, number: str, table: int, cells: dict[int, str]
) -> list[str]:
    row = [name, number]
    for size in (105, 35):
        protocol = published.PROTOCOLS[table]
        found = size in cells and scored(
            results, table=table, cell=cells[size], protocol=protocol, size=size
        )
        if found:
            row += measured([(result["seed"], entry) for result, entry in found])
            row.append(f"{pairs_seen(found[0][0]):,}" if pairs_seen(found[0][0]) else "")
        else:
            row += ["", "", ""]
    return row
