"""What the page's server refuses: other pages, foreign names, and too many or odd uploads."""

from __future__ import annotations

import ipaddress
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from keras_siamese.demo.pad import MAX_UPLOAD_BYTES

# Kept by the browser: the page may load and send nothing beyond the server that it came from.
# Gradio's templates are compiled in the browser, which takes eval and styles in place.
POLICY = (
    "default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'; "
    "connect-src 'self'; form-action 'self'; object-src 'none'; frame-ancestors 'self'"
)
_HEADERS = [
    (b"content-security-policy", POLICY.encode("ascii")),
    # A browser must not guess that an upload is a page.
    (b"x-content-type-options", b"nosniff"),
]
# Uploads that lie on the disk at a time. The page removes each when it has read it, so that only
# those that no page asked for stay, for an hour.
MAX_UPLOADS = 50
MAX_UPLOADED_BYTES = 200_000_000
# An upload's body holds one file, its name and boundaries; any other at most two pads.
_MAX_UPLOAD_BODY = MAX_UPLOAD_BYTES + 100_000
_MAX_BODY = 48_000_000
# Of a refused request, so much is read and thrown away.
_MAX_DISCARDED = 256_000_000
ANY_NUMBER = "*"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_BOUNDARY = re.compile(rb'boundary="?([^";]+)"?')
_FILE_NAME = re.compile(rb'filename\*?=(?:"([^"]*)"|([^;\s]*))', re.IGNORECASE)


class Guard:
    """ASGI middleware that checks each request, and adds two headers to each answer.

    A request must name this server in its Host, and one that a page sends must come from this
    server's own page (Origin). So neither another page in the same browser nor a name of the
    internet that is pointed at this machine (DNS rebinding) reaches the server.
    """

    def __init__(self, app: Any, *, names: set[str], folder: str | os.PathLike[str]) -> None:
        """Store what it guards.

        Args:
            app: The application behind it.
            names: What requests may call the server; more may be added while it runs.
            folder: Where uploads lie.
        """
        self.app = app
        self.names = names
        self.folder = Path(folder)
        self._arriving = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            # The page needs none.
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self._answer(scope, receive, _with_headers(send))

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        headers = dict(scope["headers"])
        is_upload = scope["method"] == "POST" and scope["path"].rstrip("/").endswith("/upload")
        refusal = self._foreign(headers) or self._too_long(headers, is_upload)
        if refusal is not None:
            await _refuse(receive, send, *refusal)
        elif is_upload:
            await self._upload(scope, receive, send, headers)
        else:
            await self.app(scope, receive, send)

    def _foreign(self, headers: dict[bytes, bytes]) -> tuple[int, str] | None:
        """Return the code and words for a request that is not from this server's page, or None."""
        host = headers.get(b"host", b"").decode("latin-1").lower()
        name = _name(host)
        # Nobody can point a number at another machine.
        if name not in self.names and not (ANY_NUMBER in self.names and _is_number(name)):
            return 403, (
                f"The Host of a request must be this server. Received: {host[:100]!r}. Open the "
                "address that the server printed, or start it with --allow-host."
            )
        if b"origin" not in headers:
            return None
        origin = headers[b"origin"].decode("latin-1").lower()
        place = origin.partition("://")[2]
        # A proxy in front, such as Gradio's for --share, may give another Host than it was asked.
        if place != host and _name(place) not in self.names.difference(_LOOPBACK):
            return 403, (
                "A request must come from this server's page. Received: Origin "
                f"{origin[:100]!r}. Open the page itself."
            )
        return None

    def _too_long(self, headers: dict[bytes, bytes], is_upload: bool) -> tuple[int, str] | None:
        """Return the code and words for a request with too much content, or None."""
        if b"transfer-encoding" in headers:
            return 411, "A request with content must have a Content-Length."
        length = _length(headers)
        most = _MAX_UPLOAD_BODY if is_upload else _MAX_BODY
        if length > most:
            return 413, f"A request must have at most {most} bytes. Received: {length}. Reduce it."
        return None

    async def _upload(
        self, scope: Any, receive: Any, send: Any, headers: dict[bytes, bytes]
    ) -> None:
        length = _length(headers)
        sizes = [path.stat().st_size for path in self.folder.rglob("*") if path.is_file()]
        total = sum(sizes) + self._arriving + length
        if len(sizes) >= MAX_UPLOADS or total > MAX_UPLOADED_BYTES:
            await _refuse(
                receive,
                send,
                429,
                f"The server keeps at most {MAX_UPLOADS} uploads of {MAX_UPLOADED_BYTES} bytes in "
                "all. Try again in an hour, or restart the server.",
            )
            return
        self._arriving += length
        try:
            body = await _read(receive)
            if not _is_one_named_file(headers.get(b"content-type", b""), body):
                text = "An upload must be one file with a name. Choose a file and send it again."
                await _refuse(receive, send, 400, text)
            else:
                await self.app(scope, _replay(body, receive), send)
        finally:
            self._arriving -= length


def server_names(host: str, allowed: tuple[str, ...] = ()) -> set[str]:
    """Return what requests may call a server.

    Args:
        host: The address that it listens on.
        allowed: Further names.

    Returns:
        The names; with `ANY_NUMBER` where it listens on every address of the machine.
    """
    import socket

    names = {*_LOOPBACK, *(name.lower() for name in allowed)}
    if host not in ("0.0.0.0", "::", ""):
        return names | {host.lower()}
    machine = socket.gethostname().lower()
    return names | {ANY_NUMBER, machine, f"{machine}.local"}


def _with_headers(send: Any) -> Any:
    async def send_with_headers(message: Any) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", []), *_HEADERS]}
        await send(message)

    return send_with_headers


async def _refuse(receive: Any, send: Any, code: int, text: str) -> None:
    body = text.encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": code, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": True})
    # Browsers read no answer before they have sent all, and show a broken connection otherwise.
    left = _MAX_DISCARDED
    while left > 0:
        message = await receive()
        left -= len(message.get("body", b""))
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            break
    await send({"type": "http.response.body", "body": b""})


async def _read(receive: Any) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return b"".join(parts)


def _replay(body: bytes, receive: Any) -> Any:
    """Return what gives a body that was read once more, and then what follows it."""
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Any:
        return waiting.pop() if waiting else await receive()

    return replayed


def _is_one_named_file(content_type: bytes, body: bytes) -> bool:
    """Say whether the body of a form is one file with a name, and nothing else."""
    boundary = _BOUNDARY.search(content_type)
    if not content_type.startswith(b"multipart/form-data") or boundary is None:
        return False
    before, *parts = body.split(b"--" + boundary[1])
    if before.strip() or len(parts) != 2 or not parts[1].startswith(b"--"):
        return False
    name = _FILE_NAME.search(parts[0].partition(b"\r\n\r\n")[0])
    # As Gradio does, a name is cut to what follows its last slash.
    return name is not None and bool(name[1] or name[2]) and bool(Path(_text(name)).name.strip())


def _text(name: re.Match[bytes]) -> str:
    return (name[1] or name[2]).decode("utf-8", errors="replace")


def _length(headers: dict[bytes, bytes]) -> int:
    length = headers.get(b"content-length", b"0")
    return int(length) if length.isdigit() else 0


def _name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
