"""Many browsers at once on the page to draw on: each is answered, and the server holds no more."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection

import keras

from keras_siamese import siamese_network
from keras_siamese.data import make_glyphs
from keras_siamese.demo.pad import encode_pad
from tests.attacks.served import MOST_GROWTH, memory

# Seconds that a client waits for an answer, behind all others.
PATIENCE = 300
# What visitors click, of the two tabs of the page.
BUTTONS = ("add", "compare")


def attack(rng, folder, count=50, visits=8):
    """Let clients add and compare drawings, all at once, and look at the server's memory.

    Args:
        rng: Chooses what each client does.
        folder: Where the server's temporary files lie; none may stay.
        count: Clients at once.
        visits: How often each comes, each time as somebody new. Memory counts from the third on:
            the server keeps what the last 100 visitors did.

    Returns:
        How many requests were answered, and the growth of memory in kB.
    """
    (folder / "served").mkdir()
    with serving(folder) as (port, process), ThreadPoolExecutor(count) as clients:
        functions = functions_of(port)
        held = []
        for visit in range(visits):
            buttons = rng.choice(BUTTONS, count).tolist()
            visitors = [f"client{visit}x{number}" for number in range(count)]
            answers = clients.map(ask, [port] * count, visitors, [functions[b] for b in buttons])
            assert all(answers), "a client was not answered"
            held.append(memory(process.pid))
        before, after = held[2], held[-1]
        assert after <= (1 + MOST_GROWTH) * before, f"memory grew: {held} bytes"
    left = [
        path
        for path in folder.rglob("*")
        if path.is_file() and path.name not in ("log.txt", "network.keras")
    ]
    assert not left, f"files stay: {left}"
    return Counter(
        {
            "requests of clients": count * visits,
            "most growth of the page's memory, kB": max(0, after - before) // 1024,
        }
    )


@contextmanager
def serving(folder):
    """Run `keras-siamese demo` and yield its port and process."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    # A network that only Keras can run, from the start on: TensorFlow is no growth then.
    encoder = keras.Sequential(
        [keras.Input((35, 35, 1)), keras.layers.Flatten(), keras.layers.Dense(8, "softsign")]
    )
    siamese_network(encoder).save(folder / "network.keras")
    command = [sys.executable, "-m", "keras_siamese.cli", "demo", "--port", str(port)]
    command += ["--model", str(folder / "network.keras")]
    environment = {**os.environ, "TMPDIR": str(folder / "served")}
    with open(folder / "log.txt", "w+") as log:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, text=True, env=environment
        )
        try:
            lines = iter(process.stdout.readline, "")
            started = any(line.startswith("Draw at ") for line in lines)
            assert started, (folder / "log.txt").read_text()
            yield port, process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)
            process.stdout.close()


def functions_of(port):
    """Return the number of the function behind each button, and its inputs' first values."""
    config = json.loads(fetch(port, "/config"))
    parts = {part["id"]: part["props"] for part in config["components"]}
    found = {}
    for function in config["dependencies"]:
        for target, _ in function["targets"]:
            name = parts.get(target, {}).get("elem_id")
            if name in BUTTONS:
                found[name] = function["id"], [parts[i].get("value") for i in function["inputs"]]
    assert set(found) == set(BUTTONS), found
    # Every pad holds a drawing.
    pixels = make_glyphs(num_alphabets=1, characters_per_alphabet=1, num_drawers=1, seed=0).images
    drawing = encode_pad(255 - pixels[0, ..., 0])
    found["add"][1][:2] = [drawing, "name"]
    found["compare"][1][:2] = [drawing, drawing]
    return found


def ask(port, session, function):
    """Click a button, as a browser does, and say whether it was answered."""
    number, inputs = function
    asked = {"data": inputs, "fn_index": number, "session_hash": session}
    fetch(port, "/gradio_api/queue/join", json.dumps(asked))
    events = fetch(port, f"/gradio_api/queue/data?session_hash={session}")
    told = [json.loads(line) for line in re.findall(r"^data: (.*)$", events, re.M)]
    last = [event for event in told if event["msg"] == "process_completed"]
    return len(last) == 1 and last[0]["success"]


def fetch(port, path, body=None):
    """Return the text at an address of the server."""
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        headers = {"Content-Type": "application/json"} if body else {}
        connection.request("POST" if body else "GET", path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        assert answer.status == 200, (path, answer.status, text[:200])
        return text
    finally:
        connection.close()
