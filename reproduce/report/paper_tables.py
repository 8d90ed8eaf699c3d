"""The paper's three tables, ours next to its figures, from the result files alone."""

from __future__ import annotations

from keras_siamese.evaluation import wilson_interval
from reproduce import published
from reproduce.paper.plan import BASES, trainings
from reproduce.table import MISSING, Result, Table


def entries(results: list[Result], *, table: int, cell: str, protocol: str, size: int) -> list:
    """Return the scores of one cell, one for each seed, as `(seed, entry)`.

    Only trainings of the tables and the baselines count, so that runs of other budgets do not mix
    in. Tables 2 and 3 use the training on the most pairs.
    """
    found = []
    # MNIST is also scored at its own size, of which nothing is trained.
    jobs = trainings(size) if size in BASES else []
    filling = {job.config.name for job in jobs if str(table) in dict(job.cells)}
    for result in results:
        baseline = result["role"] == "baseline"
        training = result["role"] == "table" and result["config"]["name"] in filling
        if not (baseline or training):
            continue
        found += [
            (result["seed"], entry)
            for entry in (result, *result["other_results"])
            if (entry["table"], entry["cell"], entry["protocol"]) == (table, cell, protocol)
            and entry["size"] == size
            # Every training scores this one again for its own report.
            and (cell != "nearest neighbour" or baseline)
        ]
    return sorted(found, key=lambda pair: pair[0])


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


def columns(results: list[Result], table: int, cell: dict[int, str]) -> list[str]:
    """Write a row's measured columns: for each size the paper's protocol, then the easier one."""
    row = []
    for size in BASES:
        for protocol in (published.PROTOCOLS[table], "across-alphabet"):
            scores = entries(results, table=table, cell=cell[size], protocol=protocol, size=size)
            row += measured(scores) if protocol != "across-alphabet" else measured(scores)[:1]
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
        [cell, f"{value:.2%}", *columns(results, 1, dict.fromkeys(BASES, cell))]
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
    for name, cells, figure in (
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
        rows.append([name, figure or "none", *columns(results, 2, cells)])
    title = "Table 2: 20-way one-shot accuracy, 400 official trials within alphabets"
    return Table(title, ["method", "paper, 105x105", *HEADINGS], rows)


def table_3(results: list[Result]) -> Table:
    """Make table 3: MNIST without fine-tuning; its net is of size 35 in the paper, too."""
    rows = []
    for name, cell, size, figure in (
        ("nearest neighbour, cosine, 28x28", "nearest neighbour, 28x28", 28, "26.5%"),
        ("nearest neighbour, Euclidean, 28x28", "nearest neighbour, Euclidean, 28x28", 28, "26.5%"),
        ("nearest neighbour, cosine", "nearest neighbour", 35, "26.5%"),
        ("nearest neighbour, Euclidean", "nearest neighbour, Euclidean", 35, "26.5%"),
        ("siamese net, convolutional", "reduced", 35, "70.3%"),
    ):
        found = entries(results, table=3, cell=cell, protocol="within-alphabet", size=size)
        rows.append([name, figure, *measured(found)])
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
    """Tabulate the paper's figures next to ours at 35x35, in one short table."""
    rows = [
        [f"verification, {cell}", f"{value:.2%}", *_reduced(results, 1, cell)]
        for cell, value in published.TABLE_1.items()
    ]
    for name, cell in (("convolutional", "reduced"), ("dense", "dense")):
        figure = f"{published.TABLE_2[cell]:.1%}"
        rows.append([f"20-way one-shot, {name}", figure, *_reduced(results, 2, cell)])
    figure = f"{published.TABLE_3['reduced']:.1%} (at 35x35)"
    rows.append(["MNIST 10-way one-shot", figure, *_reduced(results, 3, "reduced")])
    # Trainings of a larger budget than the tables'.
    for result in results:
        if result["role"] == "longer":
            pairs = result["training"]["epochs"] * result["config"]["epoch_pairs"]
            rows += [
                [
                    f"{measure}, {entry['cell']}, {pairs:,} pairs seen",
                    f"{published.TABLES[table][entry['cell']]:.2%}",
                    *measured([(result["seed"], entry)]),
                ]
                for table, measure in ((1, "verification"), (2, "20-way one-shot"))
                for entry in (result, *result["other_results"])
                if (entry["table"], entry["protocol"]) == (table, published.PROTOCOLS[table])
                and entry["cell"] != "nearest neighbour"
            ]
    return Table("The paper's figures and ours", ["what", "paper, 105x105", *HEADINGS[:2]], rows)


def _reduced(results: list[Result], table: int, cell: str) -> list[str]:
    protocol = published.PROTOCOLS[table]
    return measured(entries(results, table=table, cell=cell, protocol=protocol, size=35))
