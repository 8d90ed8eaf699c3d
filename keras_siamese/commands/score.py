"""`keras-siamese score`: scores embeddings or scores of any network on a published protocol."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keras_siamese.commands import datasets
from keras_siamese.commands.output import (
    Json,
    check_out,
    percent,
    print_csv,
    print_json,
    print_status,
    printable,
    with_interval,
    working,
    write_csv,
)

if TYPE_CHECKING:
    from keras_siamese.data import OneShotProtocol, VerificationProtocol
    from keras_siamese.evaluation import OneShotScore, VerificationScore

# More runs than these are printed by alphabet.
_LISTED_RUNS = 20

app = typer.Typer(
    help="Score the embeddings or scores of any network, from any framework, on the official runs "
    "and on the paper's verification pairs.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)

File = Annotated[
    Path,
    typer.Argument(
        metavar="FILE", help="Embeddings by image, or scores by trial: .npz, .npy or .csv."
    ),
]
Metric = Annotated[
    str | None,
    typer.Option(metavar="l1|l2|cosine", help="How embeddings are compared; not for scores."),
]
Ways = Annotated[int, typer.Option(min=2, help="Classes in a trial that is drawn.")]
Shots = Annotated[
    int, typer.Option(min=1, help="Support images of each class in a trial that is drawn.")
]
Part = Annotated[
    str | None,
    typer.Option(
        metavar="test|validation",
        help="Of trials that are drawn: Lake's ten evaluation alphabets or the other ten; else all "
        "twenty.",
    ),
]


@app.command("list")
def list_trials(
    name: Annotated[
        str,
        typer.Argument(
            metavar="PROTOCOL", help="official, within-alphabet, across-alphabets or verification."
        ),
    ],
    to: Annotated[
        Path | None,
        typer.Option(metavar="CSV", help="File to write the trials to; else stdout."),
    ] = None,
    images: Annotated[
        Path | None,
        typer.Option(metavar="CSV", help="File to write the names of the images to."),
    ] = None,
    n_way: Ways = 20,
    n_shot: Shots = 1,
    part: Part = None,
    data_dir: datasets.DataDir = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace files that exist.")
    ] = False,
) -> None:
    """Write the trials of a protocol, by the names of the images in Omniglot's archives.

    The table of trials has a row per trial and candidate, or per pair. Give it back with a column
    `score` added. The answers are not in it.

    The table of images has a row per image, in the order that the rows of a .npy file must have.
    """
    # It imports NumPy.
    from keras_siamese.data.omniglot_protocols import PROTOCOL_NAMES

    if name not in PROTOCOL_NAMES:
        raise ValueError(
            f"PROTOCOL must be one of {', '.join(PROTOCOL_NAMES)}. Received: {name!r}. Correct it."
        )
    for option, out in (("--to", to), ("--images", images)):
        if out is not None:
            check_out(out, (".csv",), overwrite, option)
    if to is not None and images is not None and to.resolve() == images.resolve():
        raise ValueError(
            f"--to and --images must be two files. Received: both are {str(to)!r}. Name another."
        )
    protocol = _load(name, n_way=n_way, n_shot=n_shot, part=part, data_dir=data_dir)
    if to is None and images is None:
        print_csv(protocol.columns, protocol.rows())
        return
    tables: list[tuple[Path | None, Sequence[str], Iterable[Sequence[Any]], str]] = [
        (to, protocol.columns, protocol.rows(), "trials"),
        (images, ("file",), ((file,) for file in protocol.files), "images"),
    ]
    for out, header, rows, what in tables:
        if out is not None:
            count = write_csv(out, header, rows)
            typer.echo(f"wrote {printable(out)}: {count:,} rows of {what}")


@app.command()
def official(
    file: File,
    metric: Metric = None,
    data_dir: datasets.DataDir = None,
    as_json: Json = False,
) -> None:
    """Score a file on Lake's 20 official runs: 400 trials, 20-way, one-shot, within alphabets.

    .npz holds `files` and `embeddings`, as `keras-siamese embed` writes them, or `scores`, (400,
    20). .csv holds the column `file` and one per feature, or what `score list official` writes with
    a column `score` added. Higher scores are more similar. A tie is an error.
    """
    _score("official", file, metric, as_json, data_dir=data_dir)


@app.command("within-alphabet")
def within_alphabet(
    file: File,
    metric: Metric = None,
    n_way: Ways = 20,
    n_shot: Shots = 1,
    part: Part = None,
    data_dir: datasets.DataDir = None,
    as_json: Json = False,
) -> None:
    """Score a file on 10,000 trials within the evaluation alphabets, `--part` of them or all."""
    drawn = {"n_way": n_way, "n_shot": n_shot, "part": part}
    _score("within-alphabet", file, metric, as_json, data_dir=data_dir, **drawn)


@app.command("across-alphabets")
def across_alphabets(
    file: File,
    metric: Metric = None,
    n_way: Ways = 20,
    n_shot: Shots = 1,
    part: Part = None,
    data_dir: datasets.DataDir = None,
    as_json: Json = False,
) -> None:
    """Score a file on 10,000 trials across the evaluation alphabets, which are easier."""
    drawn = {"n_way": n_way, "n_shot": n_shot, "part": part}
    _score("across-alphabets", file, metric, as_json, data_dir=data_dir, **drawn)


@app.command()
def verification(
    file: File,
    metric: Metric = None,
    data_dir: datasets.DataDir = None,
    as_json: Json = False,
) -> None:
    """Score a file on the paper's verification: 10,000 pairs of its ten test alphabets.

    The threshold is chosen on 10,000 pairs of the validation alphabets, which are in the list, too.
    """
    _score("verification", file, metric, as_json, data_dir=data_dir)


def _load(name: str, **options: Any) -> OneShotProtocol | VerificationProtocol:
    from keras_siamese.data import load_protocol

    with working("reading"):
        return load_protocol(name, **options)


def _score(name: str, file: Path, metric: str | None, as_json: bool, **options: Any) -> None:
    # All of these import NumPy.
    from keras_siamese.data import OneShotProtocol
    from keras_siamese.evaluation.score_files import read_score_file

    protocol = _load(name, **options)
    with working("scoring"):
        held = read_score_file(file, protocol)
        result = held.score(protocol, metric)
    facts: dict[str, Any] = {"file": printable(file), "holds": held.kind, "metric": metric}
    if isinstance(protocol, OneShotProtocol):
        _, ways, shots = protocol.episodes.support.shape
        facts |= {"n_way": ways, "n_shot": shots}
        if result.accuracy < 1 / ways:
            print_status(
                "keras-siamese: below chance. Higher scores must be more similar: negate distances"
            )
    if as_json:
        print_json(facts | asdict(result))
    else:
        _print(result, facts)


def _print(result: OneShotScore | VerificationScore, facts: dict[str, Any]) -> None:
    from keras_siamese.evaluation import VerificationScore

    compared = f", {facts['metric']}" if facts["metric"] else ""
    kind = f", {facts['n_way']}-way {facts['n_shot']}-shot" if "n_way" in facts else ""
    typer.echo(f"{facts['file']} ({facts['holds']}{compared}) on {result.protocol}{kind}")
    typer.echo(
        f"accuracy {with_interval(result.accuracy, result.interval)}: {result.correct} of "
        f"{result.n} correct"
    )
    if isinstance(result, VerificationScore):
        typer.echo(
            f"threshold {result.threshold:.4f}, best on the validation pairs; area under the ROC "
            f"curve {percent(result.auc)}"
        )
    else:
        typer.echo(f"ties, counted as errors: {result.ties}")
        if len(result.per_run) <= _LISTED_RUNS:
            for run, (alphabet, right, count) in enumerate(result.per_run, start=1):
                typer.echo(f"  run {run:02d}  {right:3d} of {count}  {alphabet}")
            return
    for alphabet, (right, count) in result.per_group.items():
        typer.echo(f"  {percent(right / count):>7}  {alphabet or 'all alphabets'}")
