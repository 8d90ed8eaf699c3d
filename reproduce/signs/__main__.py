"""Build the data of the network for signs, train it, and write its weights and card.

python -m reproduce.signs                 everything: data, training, weights and card
python -m reproduce.signs data            fetch packages; render training and development sets
python -m reproduce.signs train           train; --write renews the weights that ship

The same command resumes an interrupted training.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

# Read by TensorFlow when it is imported, as in reproduce/train_pretrained.py.
ENVIRONMENT = {
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "TF_ENABLE_ONEDNN_OPTS": "1",
    "TF_CPU_ALLOCATOR_USE_BFC": "true",
}

app = typer.Typer(add_completion=False)

Seed = Annotated[int, typer.Option(help="Seed of data, weights and blocks.")]
Steps = Annotated[int | None, typer.Option(help="Steps of one stage; else those of what ships.")]
Data = Annotated[
    Path | None, typer.Option(help="Folder with Omniglot and MNIST; else KERAS_SIAMESE_DATA.")
]


@app.callback(invoke_without_command=True)
def everything(context: typer.Context) -> None:
    """Build the data, train, and write the weights and the card."""
    if context.invoked_subcommand is None:
        _run(seed=0, steps=None, data=None, write=True)


@app.command("data")
def data_command(seed: Seed = 0, data: Data = None) -> None:
    """Fetch packages; render training and development sets."""
    _prepare()
    from reproduce.signs.run import build_data

    dataset, _ = build_data(seed, data)
    print(dataset)


@app.command("train")
def train_command(
    seed: Seed = 0,
    steps: Steps = None,
    data: Data = None,
    write: Annotated[
        bool, typer.Option("--write", help="Renew the weights that ship with the package.")
    ] = False,
) -> None:
    """Train, calibrate, and score on the development sets."""
    _run(seed=seed, steps=steps, data=data, write=write)


def _run(*, seed: int, steps: int | None, data: Path | None, write: bool) -> None:
    _prepare()
    from reproduce.signs.run import run

    card = run(seed=seed, steps=steps, data=data, write=write)
    for entry in card["scores"]:
        low, high = entry["interval"]
        print(f"{entry['what']:45} {entry['value']:.1%} [{low:.1%}, {high:.1%}]  n={entry['n']}")


def _prepare() -> None:
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)


if __name__ == "__main__":
    try:
        app()
    except KeyboardInterrupt:
        print("\nInterrupted. The same command resumes it.", file=sys.stderr)
        raise SystemExit(130) from None
    except (ValueError, OSError, ImportError) as error:
        print(f"reproduce.signs: {error}", file=sys.stderr)
        raise SystemExit(1) from None
