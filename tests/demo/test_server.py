"""The running server on this machine: whom it answers, what it keeps, and what it leaves behind."""

import os
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from http.client import HTTPConnection
from importlib.util import find_spec
from pathlib import Path

import pytest

from keras_siamese.demo.guard import MAX_UPLOADED_BYTES, MAX_UPLOADS, server_names
from keras_siamese.demo.pad import MAX_UPLOAD_BYTES

pytestmark = pytest.mark.skipif(not find_spec("gradio"), reason="needs Gradio")

# Nothing is asked of the board, so that no network is loaded.
SCRIPT = """
import signal, sys
from types import SimpleNamespace
# Tests that run in the background of a shell hand on that this signal is ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
from keras_siamese.demo.server import serve
board = SimpleNamespace(choices=["0.5"], has_rates=False, can_redraw=False)
serve(board, port=int(sys.argv[1]), allow_hosts=("draw.example",))
"""
UPLOAD = "/gradio_api/upload"
BOUNDARY = "x-boundary-x"


class Server:
    """A server in a separate process."""

    def __init__(self, port, folder, process):
        self.port, self.folder, self.process = port, folder, process

    def ask(self, path="/", method="GET", body=None, **headers):
        """Returns code, headers by lower-case name, and text."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(
                method, path, body, {name.replace("_", "-"): v for name, v in headers.items()}
            )
            answer = connection.getresponse()
            names = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, names, answer.read().decode("utf-8", errors="replace")
        finally:
            connection.close()

    def upload(self, content=b"abc", disposition='; filename="a.png"', parts=1, **headers):
        """Returns the code for an upload."""
        part = (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"{disposition}\r\n'
            "Content-Type: image/png\r\n\r\n"
        ).encode()
        body = (part + content + b"\r\n") * parts + f"--{BOUNDARY}--\r\n".encode()
        kind = f"multipart/form-data; boundary={BOUNDARY}"
        return self.ask(UPLOAD, "POST", body, Content_Type=kind, **headers)[0]

    def files(self):
        return [path for path in self.folder.rglob("*") if path.is_file()]


@contextmanager
def running():
    import socket

    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(port)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "TMPDIR": folder},
        )
        try:
            lines = []
            for line in process.stdout:
                lines.append(line)
                if line.startswith("Draw at "):
                    break
            assert lines[-1].startswith("Draw at "), "".join(lines)
            yield Server(port, Path(folder), process)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


@pytest.fixture(scope="module")
def server():
    with running() as server:
        yield server


@pytest.fixture(autouse=True)
def no_files(request):
    yield
    if "server" in request.fixturenames:
        for path in request.getfixturevalue("server").files():
            path.unlink()


@pytest.mark.parametrize("host", ["127.0.0.1:{}", "localhost:{}", "[::1]:{}", "draw.example"])
def test_it_answers_to_its_own_names(server, host):
    code, headers, _ = server.ask(Host=host.format(server.port))
    assert code == 200
    assert headers["x-content-type-options"] == "nosniff"
    assert "connect-src 'self'" in headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/", "/config", "/gradio_api/info"])
@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{}", "127.0.0.1.evil.example", "10.1.2.3", "", "[", "@"]
)
def test_a_name_that_is_pointed_at_this_machine_is_refused(server, host, path):
    host = host.format(server.port)
    code, headers, text = server.ask(path, Host=host, Origin=f"http://{host}")
    assert code == 403
    assert "must be this server" in text
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "null", "http://127.0.0.1:1", "http://localhost", "file://", "x"],
)
def test_another_page_reaches_nothing(server, origin):
    assert server.upload(Origin=origin) == 403
    code, headers, text = server.ask("/gradio_api/queue/join", "POST", "{}", Origin=origin)
    assert code == 403
    assert "this server's page" in text
    assert server.ask("/config", Origin=origin)[0] == 403
    assert server.ask(UPLOAD, "OPTIONS", Origin=origin)[0] == 403
    assert server.files() == []


def test_its_own_page_may_upload(server):
    assert server.upload(Origin=f"http://127.0.0.1:{server.port}") == 200
    own = f"localhost:{server.port}"
    assert server.upload(b"other", Origin=f"http://{own}", Host=own) == 200
    # A proxy that speaks https passes the Host on, or not.
    assert server.upload(b"third", Origin="https://draw.example", Host="draw.example") == 200
    assert server.upload(b"fourth", Origin="https://draw.example") == 200
    assert len(server.files()) == 4


@pytest.mark.parametrize(
    "disposition",
    ["", '; filename=""', "; filename=", '; filename=" "', '; filename="/"', '; filename*=""'],
)
def test_an_upload_without_a_name_is_a_bad_request(server, disposition):
    assert server.upload(disposition=disposition) == 400
    assert server.files() == []


def test_an_upload_is_one_whole_file(server):
    assert server.upload(parts=2) == 400
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    odd = [(kind, b"nonsense"), (kind, b""), ("text/plain", b"a"), ("multipart", b"a")]
    for other, body in odd:
        assert server.ask(UPLOAD, "POST", body, Content_Type=other)[0] == 400
    assert server.files() == []


def test_the_length_of_a_request_is_bounded(server):
    assert server.upload(bytes(MAX_UPLOAD_BYTES + 200_000)) == 413
    for path in (UPLOAD, "/gradio_api/queue/join"):
        code, _, _ = server.ask(path, "POST", None, Content_Length="48000001")
        assert code == 413
        assert server.ask(path, "POST", iter([b"a", b"b"]))[0] == 411
    assert server.files() == []


def test_the_number_of_uploads_is_bounded(server):
    codes = [server.upload(str(number).encode()) for number in range(MAX_UPLOADS + 2)]
    assert codes == [200] * MAX_UPLOADS + [429] * 2
    assert len(server.files()) == MAX_UPLOADS
    assert server.ask("/")[0] == 200


def test_the_size_of_all_uploads_is_bounded(server):
    each = 31_000_000
    codes = [server.upload(bytes([number]) * each) for number in range(8)]
    assert codes == [200] * 6 + [429] * 2
    assert sum(path.stat().st_size for path in server.files()) <= MAX_UPLOADED_BYTES


@pytest.mark.parametrize(
    "number", ["SIGTERM", *(pytest.param(n, marks=pytest.mark.slow) for n in ("SIGINT", "SIGHUP"))]
)
def test_nothing_is_left_behind_however_it_is_stopped(number):
    with running() as server:
        assert server.upload() == 200
        assert server.files()
        server.process.send_signal(getattr(signal, number))
        server.process.wait(timeout=60)
        assert list(server.folder.glob("keras_siamese_demo_*")) == []


def test_on_every_address_any_number_is_its_name():
    assert "*" in server_names("0.0.0.0")
    assert "*" not in server_names("127.0.0.1")
    assert "draw.example" in server_names("127.0.0.1", ("Draw.example",))
