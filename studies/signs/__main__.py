"""Build the data of the network for signs, train it, and write its weights and card.

python -m studies.signs                 everything: data, training, weights and card
python -m studies.signs data            fetch packages; render training and development sets
python -m studies.signs train           train; --write renews the weights that ship
python -m studies.signs calibrate       calibrate and score the weights that ship; --write

The same command resumes an interrupted training.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from reproduce import script

app = typer.Typer(add_completion=False)

NAME, INTERRUPTED = "studies.signs", "The same command resumes it."

Seed = Annotated[int, typer.Option(help="Seed of data, weights and episodes.")]
Steps = Annotated[int | None, typer.Option(help="Steps of one stage; else those of what ships.")]
Data = Annotated[
    Path | None, typer.Option(help="Folder with Omniglot and MNIST; else KERAS_SIAMESE_DATA.")
]
Write = Annotated[
    bool, typer.Option("--write", help="Renew the weights that ship with the package.")
]


@app.callback(invoke_without_command=True)
def everything(context: typer.Context) -> None:
    """Build the data, train, and write the weights and the card."""
    if context.invoked_subcommand is None:
        _run(seed=0, steps=None, data=None, write=True)


@app.command("data")
def data_command(seed: Seed = 0, data: Data = None) -> None:
    """Fetch packages; render training and development sets."""
    with script.errors_told(NAME, interrupted=INTERRUPTED):
        from studies.signs.sign_run import build_data

        dataset, _ = build_data(seed, data)
    print(dataset)


@app.command("train")
def train_command(
    seed: Seed = 0,
    steps: Steps = None,
    data: Data = None,
    write: Write = False,
) -> None:
    """Train, calibrate, and score on the development sets."""
    _run(seed=seed, steps=steps, data=data, write=write)


@app.command("calibrate")
def calibrate_command(write: Write = False) -> None:
    """Calibrate and score the weights that ship once more, as after a change of the reading."""
    with script.errors_told(NAME, interrupted=INTERRUPTED):
        from studies.signs.sign_run import calibrate_shipped

        _tell(calibrate_shipped(write=write))


def _run(*, seed: int, steps: int | None, data: Path | None, write: bool) -> None:
    with script.errors_told(NAME, interrupted=INTERRUPTED):
        from studies.signs.sign_run import run

        _tell(run(seed=seed, steps=steps, data=data, write=write))


def _tell(card: dict[str, Any]) -> None:
    for entry in card["scores"]:
        low, high = entry["interval"]
        print(f"{entry['what']:45} {entry['value']:.1%} [{low:.1%}, {high:.1%}]  n={entry['n']}")


if __name__ == "__main__":
    script.prepare_tensorflow()
    app()
