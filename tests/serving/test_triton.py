"""A real model server, Triton's, gives Keras's numbers over HTTP.

It needs a separate environment: KERAS_SIAMESE_TRITON names its Python, which has
requirements-triton.txt installed.
"""

import contextlib
import io
import json
import os
import signal
import socket
import struct
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from keras_siamese import Preprocessing, export, twin_encoder

PYTHON = os.environ.get("KERAS_SIAMESE_TRITON")
SCRIPT = Path(__file__).resolve().parents[2] / "examples" / "triton_server.py"
SIGNATURES = ("serving_default", "embed", "verify_images", "embed_images", "classify")
# Files hold levels as the network takes them.
READING = Preprocessing(35, polarity="light_on_dark", paper="keep")
KINDS = {"FP32": np.float32, "INT64": np.int64}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.parametrize("network", ["convolutions"], indirect=True, scope="module"),
    pytest.mark.skipif(not PYTHON, reason="KERAS_SIAMESE_TRITON names no Python with PyTriton"),
]


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [opened.getsockname()[1] for opened in sockets]
    for opened in sockets:
        opened.close()
    return ports


@pytest.fixture(scope="module")
def url(network, tmp_path_factory):
    """Address of a server of the network's export; the server ends with the tests."""
    folder = tmp_path_factory.mktemp("served")
    version = export(network, folder / "siamese", preprocessing=READING)
    http, *others = map(str, free_ports(3))
    command = [PYTHON, str(SCRIPT), str(version), "--http-port", http]
    command += ["--grpc-port", others[0], "--metrics-port", others[1]]
    with open(folder / "log", "w") as log:
        server = subprocess.Popen(
            command, stdout=log, stderr=log, cwd=folder, start_new_session=True
        )
    try:
        address = f"http://127.0.0.1:{http}/v2/models"
        deadline = time.monotonic() + 900
        while not all(is_ready(f"{address}/{name}/ready") for name in SIGNATURES):
            assert server.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.5)
        yield address
    finally:
        server.terminate()
        try:
            server.wait(timeout=120)
        finally:
            # Whatever is left of it: Triton itself and its backend.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def is_ready(address):
    try:
        with urllib.request.urlopen(address, timeout=10) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False


def ask(url, signature, **inputs):
    """Post arrays in the Open Inference Protocol; return the answer's arrays."""
    described = [
        {
            "name": name,
            "shape": list(value.shape),
            "datatype": "FP32",
            "data": value.ravel().tolist(),
        }
        for name, value in inputs.items()
    ]
    return post(f"{url}/{signature}/infer", json.dumps({"inputs": described}).encode())


def ask_files(url, signature, **inputs):
    """Post lists of files in the protocol's binary form; return the answer's arrays."""
    packed = {
        name: b"".join(struct.pack("<I", len(content)) + content for content in contents)
        for name, contents in inputs.items()
    }
    described = [
        {
            "name": name,
            "shape": [len(contents)],
            "datatype": "BYTES",
            "parameters": {"binary_data_size": len(packed[name])},
        }
        for name, contents in inputs.items()
    ]
    header = json.dumps({"inputs": described}).encode()
    length = {"Inference-Header-Content-Length": str(len(header))}
    return post(f"{url}/{signature}/infer", b"".join([header, *packed.values()]), length)


def post(address, body, headers=None):
    request = urllib.request.Request(address, body, headers or {})
    with urllib.request.urlopen(request, timeout=120) as response:
        outputs = json.load(response)["outputs"]
    return {
        output["name"]: np.reshape(output["data"], output["shape"]).astype(
            KINDS[output["datatype"]]
        )
        for output in outputs
    }


def test_images_are_verified_and_embedded(url, network, images):
    for batch in (1, 5):
        left, right = images[:, :batch]
        expected = network.predict_on_batch([left, right])[:, 0]
        found = ask(url, "serving_default", left=left, right=right)["probability"]
        np.testing.assert_allclose(found, expected, atol=1e-5)
    assert np.ptp(expected) > 0.1
    embedding = twin_encoder(network).predict_on_batch(left)
    np.testing.assert_allclose(ask(url, "embed", image=left)["embedding"], embedding, atol=1e-5)


def test_queries_are_classified_by_supports(url, network, images):
    support, queries = images[0, :3], images[1, :2]
    found = ask(url, "classify", support=support, queries=queries)
    pairs = [np.repeat(queries, 3, axis=0), np.tile(support, (2, 1, 1, 1))]
    expected = network.predict_on_batch(pairs).reshape(2, 3)
    np.testing.assert_allclose(found["probability"], expected, atol=1e-5)
    np.testing.assert_array_equal(found["best"], expected.argmax(axis=1))


def test_files_are_read_as_in_training(url, network, images):
    levels = np.rint(images[:, :4] * 255).astype(np.uint8)
    files = [[encoded(image) for image in side] for side in levels]
    found = ask_files(url, "verify_images", left=files[0], right=files[1])["probability"]
    expected = network.predict_on_batch(list(levels / np.float32(255)))[:, 0]
    assert np.ptp(expected) > 0.05
    np.testing.assert_allclose(found, expected, atol=1e-5)
    embedding = twin_encoder(network).predict_on_batch(levels[0] / np.float32(255))
    found = ask_files(url, "embed_images", image=files[0])["embedding"]
    np.testing.assert_allclose(found, embedding, atol=1e-5)


def test_an_error_says_what_is_wrong_with_the_input(url, images):
    with pytest.raises(urllib.error.HTTPError) as caught:
        ask(url, "embed", image=images[0, :2] * 255)
    assert "Input `image` must hold finite values in [0, 1]" in caught.value.read().decode()
    with pytest.raises(urllib.error.HTTPError) as caught:
        ask_files(url, "embed_images", image=[b"no image"])
    assert "must hold PNG, JPEG, BMP or GIF files" in caught.value.read().decode()


def encoded(image):
    content = io.BytesIO()
    Image.fromarray(image[..., 0]).save(content, "PNG")
    return content.getvalue()
