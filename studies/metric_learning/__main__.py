"""Train and score every loss and head on the same budget, on three problems.

python -m studies.metric_learning                 all of them, an hour of one core
python -m studies.metric_learning fonts flags     some of them

The same command resumes an interrupted run. `python -m website` puts the results into
docs/metric-learning.md.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from reproduce import script
from studies.metric_learning import comparison


def main(
    problems: Annotated[
        list[str] | None, typer.Argument(help="omniglot, fonts, flags; without, all.")
    ] = None,
    data: script.DataFolder = None,
    results: Annotated[Path, typer.Option(help="Folder for result files.")] = comparison.FOLDER,
) -> None:
    """Train what the result files lack."""
    interrupted = "The same command resumes it."
    with script.errors_told("metric_learning", interrupted=interrupted, extra="signs"):
        from studies.metric_learning.problems import PROBLEMS
        from studies.metric_learning.ways import WAYS

        for name in problems or PROBLEMS:
            if name not in PROBLEMS:
                raise ValueError(
                    f"PROBLEMS must be among {', '.join(PROBLEMS)}. Received: {name!r}. Choose "
                    "from that list."
                )
            comparison.compare_ways(
                name, ways=tuple(WAYS), budget=comparison.Budget(), data=data, folder=results
            )


if __name__ == "__main__":
    script.run(main)
