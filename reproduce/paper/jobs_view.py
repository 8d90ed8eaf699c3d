"""What a person sees of a queue: the plan with its cost, and the cells while they train."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console, ConsoleRenderable
from rich.live import Live
from rich.table import Table

from reproduce.paper.costs import Cost, pairs_at_most
from reproduce.paper.jobs import DONE, ELSEWHERE, RUNNING, WAITING, JobQueue
from reproduce.paper.plan import Job


@dataclass(frozen=True)
class Progress:
    """How far a training is, read from its log: this process's, or another machine's.

    Attributes:
        epochs: Epochs done.
        best: Best one-shot validation accuracy, a fraction; None before the first epoch.
        pairs_per_second: Speed of the last epoch; None before the first.
    """

    epochs: int
    best: float | None
    pairs_per_second: float | None


def read_progress(run_dir: Path) -> Progress:
    """Read a run's log; one that is missing, or just being written, tells what it can."""
    try:
        with open(run_dir / "log.csv", newline="") as file:
            rows = list(csv.DictReader(file))
        scores = [float(row["val_one_shot_accuracy"]) for row in rows]
        return Progress(len(rows), max(scores), float(rows[-1]["pairs_per_second"]))
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return Progress(0, None, None)


def seconds_left(job: Job, progress: Progress) -> float | None:
    """Return the seconds of training left at most, or None where no speed is known yet."""
    if not progress.pairs_per_second:
        return None
    share = 1 - min(progress.epochs / job.config.epochs, 1)
    return share * pairs_at_most(job.config) / progress.pairs_per_second


def duration(seconds: float | None) -> str:
    """Write a duration in hours and minutes."""
    if seconds is None:
        return ""
    minutes = max(1, round(seconds / 60))
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes >= 60 else f"{minutes} min"


class QueueView:
    """The cells of a queue as a table that renews itself on a terminal.

    Args:
        queue: The queue.
        console: Where to.
    """

    def __init__(self, queue: JobQueue, console: Console) -> None:
        """Look up how every training stands."""
        self.queue, self.console = queue, console
        self.states = {job.name: queue.state(job) for job in queue.jobs}
        self.live = Live(
            get_renderable=self.table, console=console, refresh_per_second=1, transient=True
        )

    def change(self, job: Job, state: str) -> None:
        """Note a training's new state; without a terminal, print a line."""
        self.states[job.name] = state
        if not self.console.is_terminal:
            self.console.print(f"{job.name}: {state}", soft_wrap=True, highlight=False)

    def table(self) -> ConsoleRenderable:
        """Return the table of the moment."""
        headings = ("training", "fills", "state", "epoch", "best validation", "left at most")
        table = _table(*headings)
        total, complete = 0.0, True
        for job in self.queue.jobs:
            if self.states[job.name] == ELSEWHERE and self.queue.result(job) is not None:
                self.states[job.name] = DONE
            state, progress = self.states[job.name], read_progress(self.queue.runs / job.name)
            left = None if state == DONE else seconds_left(job, progress)
            total += left or 0.0
            complete = complete and (state == DONE or left is not None)
            table.add_row(
                job.name,
                ", ".join(f"{of}: {name}" for of, name in job.cells),
                state,
                "" if state == WAITING else f"{progress.epochs}/{job.config.epochs}",
                "" if progress.best is None else f"{progress.best:.1%}",
                duration(left) if state != DONE else "",
            )
        done = sum(state == DONE for state in self.states.values())
        running = sum(state in (RUNNING, ELSEWHERE) for state in self.states.values())
        rest = f", {duration(total)} of training left at most" if total else ""
        more = "" if complete else ", those that have not begun not counted"
        table.caption = f"{done} of {len(self.queue.jobs)} done, {running} running{rest}{more}"
        return table


def plan_table(queue: JobQueue, costs: list[Cost]) -> Table:
    """Return the plan of a queue with its estimated cost on this machine."""
    headings = ("training", "fills", "state", "pairs", "GFLOP a pair", "pairs/s", "time")
    table = _table(*headings, title="Plan; cost at most, measured on a few steps on this machine")
    total = 0.0
    for job, cost in zip(queue.jobs, costs, strict=True):
        state = queue.state(job)
        done = read_progress(queue.runs / job.name).epochs / job.config.epochs
        left = 0.0 if state == DONE else cost.minutes * (1 - min(done, 1))
        total += left
        table.add_row(
            job.name,
            ", ".join(f"{of}: {name}" for of, name in job.cells),
            state,
            f"{cost.pairs:,}",
            f"{cost.gflop_per_pair:.2f}",
            f"{cost.pairs_per_second:,.0f}",
            duration(60 * left) if left else "",
        )
    table.caption = f"{duration(60 * total) if total else 'nothing'} to do"
    return table


def _table(*headings: str, title: str | None = None) -> Table:
    """Make a table whose first column is never cut: its names are what one types."""
    table = Table(title=title)
    for heading in headings:
        table.add_column(heading, no_wrap=heading == headings[0])
    return table
