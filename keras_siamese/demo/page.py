"""The page's parts and what happens at a click; `board` computes."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr

from keras_siamese.demo import views
from keras_siamese.demo.board import Board, SupportImage
from keras_siamese.demo.example import example_drawings
from keras_siamese.demo.pad import PAD_SIDE, decode_pad, encode_pad, read_upload

_HERE = Path(__file__).parent
CSS = (_HERE / "page.css").read_text(encoding="utf-8")
_PAD_SCRIPT = (_HERE / "pad.js").read_text(encoding="utf-8")
_PAD = f"""
<div class="pad">
  <canvas width="{PAD_SIDE}" height="{PAD_SIDE}" role="img" aria-label="Sheet to draw on"></canvas>
  <div class="tools">
    <button type="button" class="undo">Undo</button>
    <button type="button" class="clear">Clear</button>
    <button type="button" class="camera">Camera</button>
  </div>
</div>
"""
# Shown as it is, and nothing happens at a click.
_PLAIN: dict[str, Any] = {"js_on_load": None, "apply_default_css": False}
# One call of the network at a time, whoever asks.
_NETWORK: dict[str, Any] = {"concurrency_id": "network", "concurrency_limit": 1}


def build_page(board: Board) -> gr.Blocks:
    """Build the page.

    Args:
        board: Answers what the page asks.

    Returns:
        Blocks, not launched.
    """
    # Uploaded files and what people drew are forgotten an hour after.
    with gr.Blocks(
        title="One-shot recognition", analytics_enabled=False, delete_cache=(3600, 3600)
    ) as page:
        gr.Markdown(
            "# One-shot recognition\nDraw or photograph each of a few characters once, then "
            "one of them again. The network names it, though it was never trained on any."
        )
        with gr.Tab("Name a drawing"):
            _naming(board)
        with gr.Tab("Compare two"):
            _comparing(board)
    return page


def _naming(board: Board) -> None:
    """Build the tab that ranks characters."""
    support = gr.State([], time_to_live=3600)
    asked = gr.State(0)
    load = gr.Button("Load an example", size="md", elem_id="load", elem_classes="narrow")
    with gr.Row(equal_height=False):
        with gr.Column():
            gr.Markdown("### 1. Each character once")
            support_pad = _pad("support-pad")
            support_seen = _seen("support-seen")
            name = gr.Textbox(
                label="Its name", placeholder="may be left out", max_lines=1, elem_id="name"
            )
            with gr.Row():
                add = gr.Button("Add it", variant="primary", size="md", elem_id="add")
                _upload(support_pad, "support-upload")
            gr.Markdown("### What the network has seen")
            shown = gr.HTML(views.NO_SUPPORT, elem_id="shown", **_PLAIN)
            forget = gr.Button("Forget all", size="sm", elem_id="forget", elem_classes="narrow")
        with gr.Column():
            gr.Markdown("### 2. One of them again")
            query_pad = _pad("query-pad")
            query_seen = _seen("query-seen")
            redraw = _redraw(board, "redraw")
            with gr.Row():
                rank = gr.Button("Name it", variant="primary", size="md", elem_id="rank")
                _upload(query_pad, "query-upload")
        with gr.Column():
            gr.Markdown("### 3. What the network says")
            ranking = gr.HTML(views.NO_RANKING, elem_id="ranking", **_PLAIN)

    def add_support(pad: str, name: str, known: list[SupportImage], redraw: bool) -> list[Any]:
        known = board.with_support(known, name, decode_pad(pad), redraw)
        return [known, views.support_html(known), "", ""]

    def rank_query(pad: str, known: list[SupportImage], redraw: bool) -> str:
        ranks = board.rank(known, decode_pad(pad), redraw)
        return views.ranking_html(ranks, known, board.threshold())

    def load_example(number: int, redraw: bool) -> list[Any]:
        drawings = example_drawings(number)
        known: list[SupportImage] = []
        for label, drawing in zip(drawings.names, drawings.support, strict=True):
            known = board.with_support(known, label, drawing, redraw)
        ranks = board.rank(known, drawings.query, redraw)
        answer = views.ranking_html(ranks, known, board.threshold())
        query = encode_pad(drawings.query)
        return [known, views.support_html(known), query, answer, number + 1]

    def forget_all() -> list[Any]:
        return [[], views.NO_SUPPORT, views.NO_RANKING]

    _show_read(board, support_pad, redraw, support_seen)
    _show_read(board, query_pad, redraw, query_seen)
    _on(
        add,
        add_support,
        [support_pad, name, support, redraw],
        [support, shown, support_pad, name],
    )
    _on(rank, rank_query, [query_pad, support, redraw], [ranking])
    _on(load, load_example, [asked, redraw], [support, shown, query_pad, ranking, asked])
    _on(forget, forget_all, [], [support, shown, ranking])


def _comparing(board: Board) -> None:
    """Build the tab that compares two drawings."""
    asked = gr.State(0)
    load = gr.Button("Load an example", size="md", elem_id="load-pair", elem_classes="narrow")
    with gr.Row(equal_height=False):
        with gr.Column():
            gr.Markdown("### One drawing")
            left = _pad("left-pad")
            left_seen = _seen("left-seen")
            _upload(left, "left-upload")
        with gr.Column():
            gr.Markdown("### Another")
            right = _pad("right-pad")
            right_seen = _seen("right-seen")
            _upload(right, "right-upload")
        with gr.Column():
            gr.Markdown("### The same character?")
            choice = gr.Radio(
                board.choices,
                value=board.choices[0],
                label="Threshold",
                info="the share of different pairs that it would call the same"
                if board.has_rates
                else "the probability from which on two are the same",
                elem_id="choice",
            )
            redraw = _redraw(board, "redraw-pair")
            compare = gr.Button("Compare", variant="primary", size="md", elem_id="compare")
            answer = gr.HTML(views.NO_RANKING, elem_id="pair", **_PLAIN)

    def compare_pads(first: str, second: str, choice: str, redraw: bool) -> str:
        drawn, other = decode_pad(first), decode_pad(second)
        said = board.compare(drawn, other, choice, redraw)
        images = [board.see(picture, redraw).image for picture in (drawn, other)]
        return views.pair_html(said, images)

    def load_pair(number: int, choice: str, redraw: bool) -> list[Any]:
        drawings = example_drawings(number)
        # By turns a pair of the same character and one of two.
        place = drawings.names.index(drawings.answer)
        other = drawings.support[place if number % 2 == 0 else place - 1]
        first, second = encode_pad(other), encode_pad(drawings.query)
        return [first, second, compare_pads(first, second, choice, redraw), number + 1]

    _show_read(board, left, redraw, left_seen)
    _show_read(board, right, redraw, right_seen)
    _on(compare, compare_pads, [left, right, choice, redraw], [answer])
    _on(load, load_pair, [asked, choice, redraw], [left, right, answer, asked])


def _redraw(board: Board, elem_id: str) -> gr.Checkbox:
    """Build a box that has drawings redrawn, as `--paper redraw` of the commands does."""
    return gr.Checkbox(
        value=False,
        label="Redraw like Omniglot's characters",
        info="for drawings that are small, off centre, or of a thick pen",
        visible=board.can_redraw,
        elem_id=elem_id,
    )


def _pad(elem_id: str) -> gr.HTML:
    return gr.HTML(
        "", html_template=_PAD, js_on_load=_PAD_SCRIPT, apply_default_css=False, elem_id=elem_id
    )


def _seen(elem_id: str) -> gr.HTML:
    return gr.HTML(views.NOT_READ, elem_id=elem_id, **_PLAIN)


def _show_read(board: Board, pad: gr.HTML, redraw: gr.Checkbox, seen: gr.HTML) -> None:
    """Show what is read from a pad whenever that changes."""

    def show(value: str, redraw: bool) -> str:
        if not value:
            return views.NOT_READ
        try:
            return views.seen_html(board.see(decode_pad(value), redraw))
        except ValueError as error:
            return views.unread_html(error)

    gr.on(
        [pad.input, redraw.change],
        show,
        [pad, redraw],
        [seen],
        trigger_mode="always_last",
        api_visibility="private",
        show_progress="hidden",
        **_NETWORK,
    )


def _upload(pad: gr.HTML, elem_id: str) -> None:
    """Build a button that puts an image file onto a pad."""
    # Phones offer their camera, too. Not every system knows that HEIC is an image.
    kinds = ["image", ".heic", ".heif"]
    button = gr.UploadButton("Upload", size="md", elem_id=elem_id, file_types=kinds)
    button.upload(
        _told(_take_upload),
        button,
        pad,
        api_visibility="private",
        show_progress="hidden",
        **_NETWORK,
    )


def _take_upload(path: str) -> str:
    """Put an uploaded file onto a pad, and remove it: the pad holds what is needed of it."""
    try:
        return read_upload(path)
    except FileNotFoundError as error:
        raise ValueError("The upload is gone. Send it again.") from error
    finally:
        Path(path).unlink(missing_ok=True)


def _on(button: gr.Button, action: Callable[..., Any], inputs: list, outputs: list) -> None:
    """Run an action at a click."""
    button.click(
        _told(action), inputs, outputs, api_visibility="private", show_progress="hidden", **_NETWORK
    )


def _told(action: Callable[..., Any]) -> Callable[..., Any]:
    """Make bad input a message on the page, which stays as it is."""

    @functools.wraps(action)
    def told(*values: Any) -> Any:
        try:
            return action(*values)
        except ValueError as error:
            gr.Warning(views.in_words(error), title="Not done")
            return gr.skip()

    return told
