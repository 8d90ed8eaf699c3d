"""Serves the page on this machine, with every way out to other hosts closed."""

from __future__ import annotations

import os
import tempfile
from typing import Any

from keras_siamese.demo.board import Board
from keras_siamese.demo.pad import MAX_UPLOAD_BYTES

# Kept by the browser: the page may load and send nothing beyond the server that it came from.
# Gradio's templates are compiled in the browser, which takes eval and styles in place.
POLICY = (
    "default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'; "
    "connect-src 'self'; form-action 'self'; object-src 'none'; frame-ancestors 'self'"
)


class Policy:
    """ASGI middleware that adds the content security policy to every answer."""

    def __init__(self, app: Any) -> None:
        """Stores the application behind it."""
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Passes a request on, and its answer back with one header more."""

        async def send_with_policy(message: Any) -> None:
            if message["type"] == "http.response.start":
                header = (b"content-security-policy", POLICY.encode("ascii"))
                message = {**message, "headers": [*message.get("headers", []), header]}
            await send(message)

        await self.app(scope, receive, send_with_policy)


def serve(board: Board, *, host: str = "127.0.0.1", port: int = 7860, share: bool = False) -> None:
    """Serves the page until it is interrupted.

    Args:
        board: Answers what the page asks.
        host: Address to listen on; "0.0.0.0" is every address of the machine.
        port: Port to listen on.
        share: Whether Gradio opens a public tunnel to the page.

    Raises:
        OSError: If the port is taken.
    """
    # Read by Gradio when it is imported; it asks the network for news otherwise.
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["HF_HUB_OFFLINE"] = "1"
    with tempfile.TemporaryDirectory(prefix="keras_siamese_demo_") as folder:
        # Where uploads lie; they go with the server.
        os.environ["GRADIO_TEMP_DIR"] = folder
        import gradio as gr
        from starlette.middleware import Middleware

        from keras_siamese.demo.page import CSS, build_page

        page = build_page(board)
        page.queue(max_size=64)
        _, local_url, share_url = page.launch(
            server_name=host,
            server_port=port,
            share=share,
            theme=gr.themes.Default(primary_hue="indigo"),
            css=CSS,
            max_file_size=MAX_UPLOAD_BYTES,
            state_session_capacity=100,
            app_kwargs={"middleware": [Middleware(Policy)]},
            footer_links=[],
            run_history=False,
            enable_monitoring=False,
            mcp_server=False,
            ssr_mode=False,
            pwa=False,
            quiet=True,
            prevent_thread_lock=True,
        )
        print(f"Draw at {share_url or local_url} (Ctrl-C stops the page)", flush=True)
        page.block_thread()
