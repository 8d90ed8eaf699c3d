"""Reproduce Koch et al. 2015: train, score, and show the results next to the paper's.

python reproduce/run_paper.py                      the three tables at 35x35, and report.html
python reproduce/run_paper.py --size 105           the same with the paper's own network
python reproduce/run_paper.py --table 1 --cell "30k x8" --seeds 3
python reproduce/run_paper.py --dry-run            the plan and what it costs on this machine
python reproduce/run_paper.py --preset quick       one run on glyphs, embedded, a minute
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

if not __package__:
    # Started by its path: the folder above is searched, as if started by `python -m`.
    sys.path[0] = str(Path(__file__).resolve().parents[1])
from reproduce import script

HERE = Path(__file__).resolve().parent


def main(
    preset: Annotated[
        str | None, typer.Option(help="One run instead of the tables: quick, cpu, paper, ...")
    ] = None,
    table: Annotated[
        str | None, typer.Option(help="1, 2, 3, lengths, ablations; else 1 to 3.")
    ] = None,
    cell: Annotated[str | None, typer.Option(help='One cell, e.g. "30k x8" or dense.')] = None,
    size: Annotated[
        int | None, typer.Option(help="Side of the images: 35 (reduced, the default) or 105.")
    ] = None,
    seeds: Annotated[
        int | None, typer.Option(help="Seeds of every cell, from 0; 1 by default.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show plan and cost.")] = False,
    data: script.DataFolder = None,
    runs: Annotated[Path, typer.Option(help="Folder for state and logs.")] = HERE / "runs",
    results: Annotated[
        Path | None, typer.Option(help="Folder for result files; else a folder in --runs.")
    ] = None,
    resume: Annotated[bool, typer.Option(help="Continue what was interrupted.")] = False,
    restart: Annotated[bool, typer.Option(help="Throw an interrupted --preset run away.")] = False,
    seed: Annotated[int | None, typer.Option(help="Seed of a --preset run.")] = None,
    budget: Annotated[
        float | None, typer.Option(help="Minutes of training at most; then --resume continues.")
    ] = None,
    strategy: Annotated[
        str, typer.Option(help="Devices of a training: none (one), mirrored or multiworker.")
    ] = "none",
    validate_only: Annotated[
        bool, typer.Option(help="Leave the test unread in a --preset run: to choose settings.")
    ] = False,
    tensorboard: Annotated[bool, typer.Option(help="TensorBoard logs of a --preset run.")] = False,
    optimizer: Annotated[
        str, typer.Option(help="Of a --preset run: own, or addons (docs/stacks.md).")
    ] = "own",
    distortions: Annotated[
        str, typer.Option(help="Of a --preset run: own, or addons (docs/stacks.md).")
    ] = "own",
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="Another setting of a --preset run, as name=value in JSON."),
    ] = None,
) -> None:
    """Train, score, and write results and report."""
    interrupted = "Add --resume to resume after the last whole epoch."
    other = "reproduce.paper.gpu_run trains without it"
    with script.errors_told("run_paper", interrupted=interrupted, without_tensorflow=other):
        from reproduce import commands

        folder = results or runs / "results"
        if preset is None:
            commands.refuse(
                "--preset", seed=seed, restart=restart, set=set_ or None,
                validate_only=validate_only, tensorboard=tensorboard,
                optimizer=optimizer != "own", distortions=distortions != "own",
            )  # fmt: skip
            commands.run_tables(
                size=35 if size is None else size, table=table, cell=cell,
                seeds=1 if seeds is None else seeds, dry_run=dry_run, data=data,
                runs=runs, results_dir=folder, resume=resume, budget=budget, strategy=strategy,
            )  # fmt: skip
        else:
            commands.refuse(
                "the tables", table=table, cell=cell, size=size, seeds=seeds, dry_run=dry_run
            )
            commands.run_preset(
                preset, settings=set_ or [], seed=seed, data=data, runs=runs, results_dir=folder,
                resume=resume, restart=restart, budget=budget, validate_only=validate_only,
                tensorboard=tensorboard, strategy=strategy, optimizer=optimizer,
                distortions=distortions,
            )  # fmt: skip


if __name__ == "__main__":
    script.run(main)
