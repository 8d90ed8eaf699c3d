"""Exported files answer as the network does, on the backend that Keras runs on."""

import json
import subprocess
import sys

import keras
import numpy as np
import pytest
from typer.testing import CliRunner

import keras_siamese as ks
from keras_siamese import cli
from keras_siamese.models import twin_encoder
from keras_siamese.serving.formats import FORMATS
from keras_siamese.serving.onnx import CONVERTERS

BACKEND = keras.backend.backend()
NETWORKS = ("omniglot", "signs")
BATCHES = (1, 3, 17)
OF_OPENVINO = ["keras_siamese", "preprocessing"]


def runs(name):
    """Skip a format that this backend does not write."""
    return pytest.mark.skipif(BACKEND not in FORMATS[name].backends, reason=f"not on {BACKEND}")


@pytest.fixture(scope="module", params=NETWORKS)
def network(request):
    """A network that ships."""
    return ks.load_pretrained(request.param)


@pytest.fixture(scope="module")
def images(network):
    """Two batches of images of the network's size."""
    shape = network.inputs[0].shape[1:]
    return np.random.default_rng(1).random((2, max(BATCHES), *shape), np.float32)


def open_onnx(path):
    """Return a function that ONNX Runtime computes."""
    onnxruntime = pytest.importorskip("onnxruntime")
    runtime = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = [each.name for each in runtime.get_inputs()]
    return lambda *batch: runtime.run(None, dict(zip(names, batch, strict=True)))[0]


def open_openvino(path):
    """Return a function that OpenVINO computes."""
    openvino = pytest.importorskip("openvino")
    compiled = openvino.compile_model(path, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return lambda *batch: compiled(list(batch))[0]


def open_torch(path):
    """Return a function that PyTorch computes."""
    torch = pytest.importorskip("torch")
    module = torch.export.load(path).module()

    def compute(*batch):
        tensors = [torch.from_numpy(each) for each in batch]
        with torch.no_grad():
            return module(*tensors).numpy()

    return compute


def open_litert(path):
    """Return a function that LiteRT computes."""
    interpreters = pytest.importorskip("ai_edge_litert.interpreter")
    interpreter = interpreters.Interpreter(model_path=str(path))
    runner = interpreter.get_signature_runner("serving_default")
    return lambda left, right: runner(left=left, right=right)["probability"]


PORTABLE = [
    pytest.param(ks.export_onnx, open_onnx, "x.onnx", marks=runs("onnx"), id="onnx"),
    pytest.param(ks.export_openvino, open_openvino, "x.xml", marks=runs("openvino"), id="openvino"),
    pytest.param(ks.export_torch, open_torch, "x.pt2", marks=runs("torch"), id="torch"),
]


def answer(network, signature, images):
    """Return what Keras answers, and the arrays that it is asked with."""
    embeddings = [twin_encoder(network).predict(side, verbose=0) for side in images]
    if signature == "embed":
        return embeddings[0], images[:1]
    probability = network.predict({"left": images[0], "right": images[1]}, verbose=0)[:, 0]
    return probability, embeddings if signature == "compare" else images


@pytest.mark.parametrize(("export", "opened", "name"), PORTABLE)
@pytest.mark.parametrize("signature", ["serving_default", "embed"])
def test_a_file_answers_as_the_network_does(
    export, opened, name, signature, network, images, tmp_path
):
    compute = opened(export(network, tmp_path / "deep" / name, signature=signature))
    for batch in BATCHES:
        expected, inputs = answer(network, signature, images[:, :batch])
        found = compute(*inputs)
        assert found.shape == expected.shape
        np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize(("export", "opened", "name"), PORTABLE)
def test_embeddings_are_compared(export, opened, name, small, tmp_path):
    images = np.random.default_rng(0).random((2, 7, 5, 5, 1), np.float32)
    expected, inputs = answer(small, "compare", images)
    compare = opened(export(small, tmp_path / name, signature="compare"))
    np.testing.assert_allclose(compare(*inputs), expected, atol=1e-5)


@runs("litert")
def test_litert_answers_as_the_network_does(network, images, tmp_path):
    verify = open_litert(ks.export_litert(network, tmp_path / "x.tflite"))
    for batch in BATCHES:
        left, right = images[:, :batch]
        expected = network.predict({"left": left, "right": right}, verbose=0)[:, 0]
        np.testing.assert_allclose(verify(left, right), expected, atol=1e-5)


@pytest.fixture(scope="module")
def small():
    """A network that is written quickly."""
    return ks.siamese_network(ks.dense_encoder((5, 5, 1), units=(4,)))


def entries(folder):
    return sorted(path.name for path in folder.iterdir())


def test_each_file_says_how_images_are_read(small, tmp_path):
    reading = ks.Preprocessing(5, polarity="light_on_dark")
    if BACKEND == "jax":
        pytest.skip("JAX writes none of these")
    written = []
    if BACKEND in FORMATS["onnx"].backends:
        onnx = pytest.importorskip("onnx")
        path = ks.export_onnx(small, tmp_path / "x.onnx", preprocessing=reading)
        written += [entry.value for entry in onnx.load(path).metadata_props]
    if BACKEND in FORMATS["openvino"].backends:
        openvino = pytest.importorskip("openvino")
        path = ks.export_openvino(small, tmp_path / "x.xml", preprocessing=reading)
        information = openvino.Core().read_model(path).get_rt_info(OF_OPENVINO)
        written.append(information.astype(str))
    if BACKEND in FORMATS["torch"].backends:
        import torch

        path = ks.export_torch(small, tmp_path / "x.pt2", preprocessing=reading)
        files = {"preprocessing.json": ""}
        torch.export.load(path, extra_files=files)
        written.append(files["preprocessing.json"])
    assert written
    for text in written:
        assert ks.Preprocessing.from_json(json.loads(text)) == reading


@runs("torch")
def test_a_program_of_pytorch_needs_no_keras(small, tmp_path):
    path = ks.export_torch(small, tmp_path / "x.pt2")
    code = (
        "import sys, torch\n"
        "module = torch.export.load(sys.argv[1]).module()\n"
        "print(tuple(module(*[torch.zeros(3, 5, 5, 1)] * 2).shape), 'keras' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True)
    assert done.stdout == "(3,) False\n", done.stderr


@pytest.mark.parametrize(("export", "opened", "name"), PORTABLE)
def test_bad_arguments_write_nothing(export, opened, name, small, tmp_path):
    with pytest.raises(ValueError, match="`signature` must be one of .*'classify'"):
        export(small, tmp_path / name, signature="classify")
    with pytest.raises(ValueError, match="`preprocessing` must give images of shape"):
        export(small, tmp_path / name, preprocessing=ks.Preprocessing(9))
    half = ks.siamese_network(ks.dense_encoder((5, 5, 1), units=(4,), dtype="mixed_bfloat16"))
    with pytest.raises(ValueError, match="must compute in float32 to be written as"):
        export(half, tmp_path / "deep" / name)
    assert entries(tmp_path) == []


@pytest.mark.parametrize(("export", "opened", "name"), PORTABLE)
def test_a_file_that_exists_stays_unless_told(export, opened, name, small, tmp_path):
    path = tmp_path / name
    path.write_text("old")
    with pytest.raises(ValueError, match="`path` must be a file that does not exist.*overwrite"):
        export(small, path)
    assert path.read_text() == "old" and entries(tmp_path) == [name]
    export(small, path, overwrite=True)
    images = np.random.default_rng(0).random((2, 7, 5, 5, 1), np.float32)
    expected = small.predict(list(images), verbose=0)[:, 0]
    np.testing.assert_allclose(opened(path)(*images), expected, atol=1e-5)
    assert entries(tmp_path) == sorted({name, name.replace(".xml", ".bin")})


@pytest.mark.parametrize(("export", "opened", "name"), PORTABLE)
def test_a_full_disk_leaves_the_old_files(export, opened, name, small, tmp_path, monkeypatch):
    export(small, tmp_path / name)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    for path in (tmp_path / name, tmp_path / "new" / name):
        with pytest.raises(OSError, match="No space left"):
            export(small, path, overwrite=True)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize(("export", "opened", "name"), PORTABLE)
def test_a_file_that_is_cut_off_is_an_error_and_nothing_is_left(
    export, opened, name, small, tmp_path
):
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, before[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            export(small, tmp_path / "new" / name)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert entries(tmp_path) == []


@runs("openvino")
def test_openvino_knows_its_files_by_their_ending(small, tmp_path):
    pytest.importorskip("openvino")
    with pytest.raises(ValueError, match="`path` must end in .xml.*Received: .*x.onnx"):
        ks.export_openvino(small, tmp_path / "x.onnx")
    (tmp_path / "x.bin").write_text("of something else")
    with pytest.raises(ValueError, match="`path` must be a file that does not exist.*x.bin"):
        ks.export_openvino(small, tmp_path / "x.xml")
    assert entries(tmp_path) == ["x.bin"]


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        pytest.param("onnx", "onnx", marks=runs("onnx")),
        pytest.param("onnx", CONVERTERS.get(BACKEND), marks=runs("onnx"), id="onnx-converter"),
        pytest.param("openvino", "openvino", marks=runs("openvino")),
    ],
)
def test_a_missing_package_is_named(name, missing, small, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, missing, None)
    # On TensorFlow, an extra of the package installs it.
    extra = rf" 'keras_siamese\[{name}\]'" if BACKEND == "tensorflow" else ""
    with pytest.raises(ImportError, match=f"needs .*{missing}.*pip install{extra}"):
        getattr(ks, FORMATS[name].function)(small, tmp_path / f"x{FORMATS[name].endings[0]}")
    assert entries(tmp_path) == []


ELSEWHERE = [name for name, each in FORMATS.items() if BACKEND not in each.backends]


@pytest.mark.parametrize("name", ELSEWHERE)
def test_a_format_of_another_backend_says_which(name, small, tmp_path):
    function, _, backends, endings, _ = FORMATS[name]
    path = tmp_path / f"out{endings[0] if endings else ''}"
    expected = (
        rf"{function} needs Keras on .*, to write .* \(format '{name}'\). Received: the backend "
        rf"'{BACKEND}'. Set KERAS_BACKEND={backends[0]} before Python starts"
    )
    with pytest.raises(ValueError, match=expected):
        getattr(ks, function)(small, path)
    with pytest.raises(ValueError, match=expected):
        ks.Recognizer.from_preset("omniglot").export(path, name)
    done = CliRunner().invoke(cli.app, ["export", "omniglot", str(path), "--format", name])
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("keras-siamese: ") and done.stderr.count("\n") == 1
    assert f"Set KERAS_BACKEND={backends[0]}" in done.stderr
    assert entries(tmp_path) == []


@pytest.mark.parametrize(("export", "opened", "name"), PORTABLE)
def test_the_command_writes_it(export, opened, name, tmp_path):
    file_format = next(key for key, each in FORMATS.items() if name[1:] in each.endings)
    arguments = ["export", "omniglot", str(tmp_path / name), "--format", file_format]
    done = CliRunner().invoke(cli.app, [*arguments, "--signature", "compare"])
    assert (done.exit_code, done.stdout) == (0, f"wrote {tmp_path / name}\n"), done.output
    assert (tmp_path / name).is_file()


class InverseErrorFunction(keras.layers.Layer):
    """An operation that ONNX lacks."""

    def call(self, inputs):
        return keras.ops.erfinv(inputs)


class Determinant(keras.layers.Layer):
    """An operation that ONNX has, and OpenVINO lacks."""

    def call(self, inputs):
        return keras.ops.det(keras.ops.reshape(inputs, (-1, 2, 3, 3)))


@pytest.mark.parametrize(
    ("export", "name", "layer"),
    [
        pytest.param(ks.export_onnx, "x.onnx", InverseErrorFunction, marks=runs("onnx")),
        pytest.param(ks.export_openvino, "x.xml", InverseErrorFunction, marks=runs("openvino")),
        pytest.param(ks.export_openvino, "x.xml", Determinant, marks=runs("openvino")),
    ],
)
def test_a_layer_that_a_form_lacks_is_told_and_nothing_is_left(export, name, layer, tmp_path):
    pytest.importorskip(CONVERTERS[BACKEND])
    pytest.importorskip("openvino" if name == "x.xml" else "onnx")
    encoder = keras.Sequential(
        [
            keras.Input((3, 3, 2)),
            keras.layers.Permute((3, 1, 2)),
            layer(),
            keras.layers.Flatten(),
            keras.layers.Dense(4),
        ]
    )
    with pytest.raises(ValueError, match=r"`model` must be made of layers that .* can express"):
        export(ks.siamese_network(encoder), tmp_path / name, signature="embed")
    assert not list(tmp_path.iterdir())
