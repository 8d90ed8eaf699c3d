"""The command `keras-siamese`.

Exit codes: 0 when all is well (also when `verify` says "different"), 1 when the data or the request
does not fit (one line says why), 2 when the command line cannot be read, 130 after Ctrl-C.
"""

import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from keras_siamese import __version__
from keras_siamese.commands import (
    classify,
    data,
    demo,
    embed,
    evaluate,
    export,
    index,
    pretrained,
    score,
    search,
    train,
    verify,
)
from keras_siamese.commands.output import print_error, print_status

# Arguments of functions that options have another word for.
_OTHERWISE = (("held_out", "validation"), ("false_accept_rate", "far"), ("network", "model"))


class OneLineErrors(TyperGroup):
    """A group of commands that answers bad input with one line and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command.

        Args:
            ctx: The command's context.

        Returns:
            What the command returns.

        Raises:
            typer.Exit: With code 1 after a `ValueError`, `OSError`, `MemoryError` or `ImportError`
                or an error of TensorFlow, with code 130 after Ctrl-C.
        """
        try:
            return super().invoke(ctx)
        # A closed pipe, as of `| head`, is no fault of the input; Typer ends quietly.
        except BrokenPipeError:
            raise
        except (ValueError, OSError, MemoryError, ImportError) as error:
            print_error(error, _options_of(self, ctx))
            raise typer.Exit(1) from error
        except KeyboardInterrupt as error:
            print_status("keras-siamese: interrupted")
            raise typer.Exit(130) from error
        except Exception as error:
            if not _is_of_tensorflow(error):
                raise
            print_error(error)
            raise typer.Exit(1) from error


def _options_of(group: Any, ctx: Any) -> dict[str, str]:
    """Return the options of the command that was run, by the name of their arguments."""
    command = group.commands.get(ctx.invoked_subcommand)
    # Of a group in a group, the options of all its commands.
    commands = getattr(command, "commands", {None: command}).values()
    parameters = [each for command in commands for each in getattr(command, "params", ())]
    found = {
        each.name: max(each.opts, key=len)
        for each in parameters
        if each.param_type_name == "option"
    }
    return found | {name: found[as_option] for name, as_option in _OTHERWISE if as_option in found}


def _is_of_tensorflow(error: Exception) -> bool:
    """Say whether a graph raised an error, as where memory or a disk is full."""
    errors = sys.modules.get("tensorflow.python.framework.errors_impl")
    return errors is not None and isinstance(error, errors.OpError)


app = typer.Typer(
    cls=OneLineErrors,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    # Paragraphs are wrapped to the terminal, not where the docstring's lines end.
    rich_markup_mode="markdown",
)
app.add_typer(data.app, name="data")
app.command("train")(train.command)
app.command("evaluate")(evaluate.command)
app.add_typer(score.app, name="score")
app.command("verify")(verify.command)
app.command("classify")(classify.command)
app.command("embed")(embed.command)
app.command("index")(index.command)
app.command("search")(search.command)
app.command("export")(export.command)
app.command("pretrained")(pretrained.command)
app.command("demo")(demo.demo)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"keras-siamese {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Siamese networks for one-shot image recognition (Koch et al. 2015)."""


def main() -> None:
    """Run the command `keras-siamese`."""
    app()


if __name__ == "__main__":
    main()
