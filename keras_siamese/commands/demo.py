"""`keras-siamese demo`: a page to draw on."""

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from keras_siamese.commands.reading import MaxPixels


def demo(
    model: Annotated[
        Path | None,
        typer.Option(
            help="A file that `keras-siamese train` or a `save` of the package wrote; else the "
            "network that comes with the package.",
        ),
    ] = None,
    host: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 lets other machines in.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 7860,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="A further name that the page is opened by, such as that of a proxy in front; may "
            "be given again.",
        ),
    ] = None,
    max_pixels: MaxPixels = None,
    share: Annotated[
        bool, typer.Option("--share", help="Let Gradio open a public tunnel to the page.")
    ] = False,
) -> None:
    """Open a page to draw on: one-shot recognition and verification of your characters."""
    if find_spec("gradio") is None:
        raise ValueError("The page needs Gradio. Install it: pip install 'keras_siamese[demo]'")
    from keras_siamese.demo.board import Board
    from keras_siamese.demo.server import serve
    from keras_siamese.recognizer import Recognizer

    recognizer = Recognizer.from_preset("omniglot") if model is None else Recognizer.load(model)
    allow_hosts = tuple(allow_host or ())
    serve(Board(recognizer), host=host, port=port, share=share, allow_hosts=allow_hosts)
