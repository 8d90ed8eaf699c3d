"""The two ways of run_paper.py: one run by its preset, or the tables as a queue of jobs."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import tensorflow as tf
from rich.console import Console
from rich.table import Table

from keras_siamese.training import is_chief
from keras_siamese.training.checkpoints import check_start
from reproduce import results
from reproduce.paper import experiment
from reproduce.paper.config import RunConfig
from reproduce.paper.devices import make_strategy
from reproduce.paper.optimizer_choice import choose_tools
from reproduce.paper.presets import load_preset
from reproduce.published import measured_quantity, published


def refuse(of: str, **options: object) -> None:
    """Refuse options that belong to the other way.

    Raises:
        ValueError: If one was given.
    """
    given = [
        f"--{name.replace('_', '-')}"
        for name, value in options.items()
        if value is not None and value is not False
    ]
    if given:
        raise ValueError(f"{', '.join(given)} must be for {of}. Received: another call. Drop it.")


def name_run(config: RunConfig, changes: dict[str, Any], validate_only: bool) -> str:
    """Name a run so that a trial with other settings never takes the place of the preset's.

    Epochs, seed and role need no mark: more epochs continue a run, the seed is named, and the role
    changes nothing.
    """
    marked = {key: value for key, value in changes.items() if key not in ("epochs", "seed", "role")}
    kind = "-validation" if validate_only else ""
    return f"{config.name}{results.settings_mark(marked)}{kind}-seed{config.seed}"


def show(result: dict[str, Any]) -> None:
    """Print a result next to the paper's numbers."""
    table = Table(title=f"{result['config']['name']}, seed {result['seed']}")
    for heading in ("what", "protocol", "accuracy", "95 % interval", "n", "paper"):
        table.add_column(heading)
    scored = [result, *result["other_results"]] if result["table"] is not None else []
    for entry in (result["validation"], *scored):
        table.add_row(
            f"{measured_quantity(entry)}, {entry['cell']}",
            entry["protocol"],
            f"{entry['value']:.2%}",
            f"{entry['interval'][0]:.1%} to {entry['interval'][1]:.1%}",
            str(entry["n"]),
            published(entry, result["config"]["data"]),
        )
    Console(width=120).print(table)


def run_preset(
    preset: str,
    *,
    settings: list[str],
    seed: int | None,
    data: Path | None,
    runs: Path,
    results_dir: Path,
    resume: bool,
    restart: bool,
    budget: float | None,
    validate_only: bool,
    tensorboard: bool,
    strategy: str,
    optimizer: str,
    distortions: str,
) -> None:
    """Train one run, score it, and write the result."""
    # Before anything else that uses TensorFlow: workers can only be joined then.
    devices = make_strategy(strategy)
    chief = is_chief(devices)
    tools = choose_tools(optimizer, distortions)
    changes = results.parse_settings(settings) | ({} if seed is None else {"seed": seed})
    config = load_preset(preset).override(**changes)
    if validate_only and "role" not in changes:
        config = config.override(role="choice")
    name = name_run(config, {**changes, **tools.description}, validate_only)
    path = results_dir / f"{name}.json"
    if chief:
        results.check_result_writable(path)
    check_start(runs / name, resume=resume, restart=restart)
    chosen = experiment.callbacks(
        runs / name, resume=resume, budget=budget, tensorboard=tensorboard, chief=chief
    )
    try:
        result = experiment.run(
            config,
            data_dir=data,
            run_dir=runs / name,
            resume=resume,
            restart=restart,
            score_test=not validate_only,
            strategy=devices,
            callbacks=chosen,
            tools=tools,
        )
    except tf.errors.OpError as error:
        if strategy != "multiworker":
            raise
        raise OSError(
            f"A worker was lost ({str(error).splitlines()[0]}). Start all again with --resume."
        ) from error
    if not chief:
        return
    results.write(path, result)
    show(result)
    if not result["training"]["finished"]:
        print("The run is not finished, so the test was left unread; --resume continues.")
    print(f"Result: {path}")


def run_tables(
    *,
    size: int,
    table: str | None,
    cell: str | None,
    seeds: int,
    dry_run: bool,
    data: Path | None,
    runs: Path,
    results_dir: Path,
    resume: bool,
    budget: float | None,
    strategy: str,
) -> None:
    """Fill the chosen cells, then write the report.

    Raises:
        ValueError: If a training failed, or a choice is unknown.
    """
    if strategy == "multiworker":
        raise ValueError(
            "--strategy must not be multiworker for the tables. Received: it. Leave it out: "
            "machines share the tables by a common --runs folder, each with other trainings."
        )
    missing = [
        name
        for name in ("filelock", "markdown", "matplotlib", "sklearn")
        if find_spec(name) is None
    ]
    if missing:
        raise ValueError(
            f"The tables need {', '.join(missing)}. Install them: pip install '.[report]'"
        )
    from filelock import FileLock

    from reproduce.paper import table_baselines
    from reproduce.paper.costs import estimate
    from reproduce.paper.jobs import JobQueue
    from reproduce.paper.jobs_view import QueueView, plan_table
    from reproduce.paper.plan import planned_jobs
    from reproduce.report import html_report

    console = Console()
    if not console.is_terminal:
        console.width = 120
    jobs = planned_jobs(size=size, table=table, cell=cell, seeds=seeds)
    queue = JobQueue(
        jobs, runs=runs, results_dir=results_dir, data_dir=data, strategy=make_strategy(strategy)
    )
    view = QueueView(queue, console)
    if dry_run:
        console.print(plan_table(queue, estimate(jobs)))
        return
    queue.check_start(resume=resume)
    if console.is_terminal:
        with view.live:
            failed = queue.run(budget=budget, on_change=view.change)
    else:
        failed = queue.run(budget=budget, on_change=view.change, verbose=1)
    console.print(view.table())
    for name, why in failed.items():
        print(f"{name} failed: {why}")
    # Machines that share the folder may finish at once.
    with FileLock(results_dir / "report.lock"):
        if table != "ablations":
            table_baselines.write_baselines(results_dir, size=size, data_dir=data)
        print(f"Report: {html_report.write_report(results_dir, results_dir / 'report.html')}")
    if failed:
        raise ValueError(
            f"{len(failed)} of {len(jobs)} trainings failed. Mend what is reported above."
        )
