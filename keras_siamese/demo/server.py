"""Serves the page on this machine, with every way out to other hosts closed."""

from __future__ import annotations

import contextlib
import os
import signal
import tempfile
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from keras_siamese.demo.board import Board
from keras_siamese.demo.guard import Guard, server_names
from keras_siamese.demo.pad import MAX_UPLOAD_BYTES


def serve(
    board: Board,
    *,
    host: str = "127.0.0.1",
    port: int = 7860,
    share: bool = False,
    allow_hosts: tuple[str, ...] = (),
) -> None:
    """Serve the page until it is interrupted, by Ctrl-C or a signal to end.

    Args:
        board: Answers what the page asks.
        host: Address to listen on; "0.0.0.0" is every address of the machine.
        port: Port to listen on.
        share: Whether Gradio opens a public tunnel to the page.
        allow_hosts: Further names that the page is opened by, such as that of a proxy in front.

    Raises:
        OSError: If the port is taken.
    """
    # Read by Gradio when it is imported; it asks the network for news otherwise.
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["HF_HUB_OFFLINE"] = "1"
    with _ended_like_ctrl_c(), tempfile.TemporaryDirectory(prefix="keras_siamese_demo_") as folder:
        # Where uploads lie; they go with the server.
        os.environ["GRADIO_TEMP_DIR"] = folder
        import gradio as gr
        from starlette.middleware import Middleware

        from keras_siamese.demo.page import CSS, build_page

        names = server_names(host, allow_hosts)
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
            app_kwargs={"middleware": [Middleware(Guard, names=names, folder=folder)]},
            footer_links=[],
            run_history=False,
            enable_monitoring=False,
            mcp_server=False,
            ssr_mode=False,
            pwa=False,
            quiet=True,
            prevent_thread_lock=True,
        )
        if share_url:
            names.add(str(urlsplit(share_url).hostname))
        print(f"Draw at {share_url or local_url} (Ctrl-C stops the page)", flush=True)
        page.block_thread()


@contextlib.contextmanager
def _ended_like_ctrl_c() -> Iterator[None]:
    """Have the signals that end a server remove its temporary files, as Ctrl-C does."""

    def stop(number: int, frame: Any) -> None:
        # A second one must not cut the removal short.
        for name in (signal.SIGINT, *signals):
            signal.signal(name, signal.SIG_IGN)
        raise KeyboardInterrupt

    signals = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    if threading.current_thread() is not threading.main_thread():
        signals = []
    before = {number: signal.signal(number, stop) for number in signals}
    interrupt = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if before:
            signal.signal(signal.SIGINT, interrupt)
