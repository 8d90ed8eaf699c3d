"""Files load with Keras alone after `import keras_siamese`, whichever of the two comes first."""

import ast
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

import keras_siamese
from keras_siamese.models import average_mirrored, conv_encoder, siamese_network
from keras_siamese.optimizers import LayerwiseSGD
from keras_siamese.registration import CLASSES

ROOT = Path(keras_siamese.__file__).parents[1]
LOAD = "print(float(keras.models.load_model(sys.argv[1])([x, x])[0, 0]))"


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A file that names three classes of this package, and how its network judges two images."""
    encoder = conv_encoder((9, 9, 1), filters=(2,), num_pools=1, units=5)
    model = average_mirrored(siamese_network(encoder))
    model.compile(LayerwiseSGD(0.1), "binary_crossentropy")
    path = tmp_path_factory.mktemp("saved") / "model.keras"
    model.save(path)
    images = np.zeros((1, 9, 9, 1), np.float32)
    return path, float(model([images, images])[0, 0])


@pytest.mark.parametrize(
    "imports",
    [
        "import keras, keras_siamese",
        *(
            pytest.param(imports, marks=pytest.mark.slow)
            for imports in (
                "import keras_siamese, keras",
                "import keras_siamese, tensorflow as tf; keras = tf.keras",
                "import keras_siamese.compat, keras",
                "from keras_siamese.models import siamese_network; import keras",
                "from keras_siamese import LayerwiseSGD; import keras",
            )
        ),
    ],
)
def test_keras_loads_a_file_after_the_import_alone(imports, saved):
    path, expected = saved
    script = f"import sys, numpy as np\n{imports}\nx = np.zeros((1, 9, 9, 1), 'float32')\n{LOAD}"
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) == pytest.approx(expected, abs=1e-6)


def test_every_class_that_is_registered_is_listed():
    # The classes of the second stack are registered by the import of their module.
    registered = {}
    for path in Path(keras_siamese.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and any(
                "register_keras_serializable" in ast.dump(decorator)
                for decorator in node.decorator_list
            ):
                module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
                registered[node.name] = module
    registered.pop("AddonsSGD")
    assert registered == CLASSES


def test_a_class_in_use_takes_the_place_of_its_stand_in():
    assert keras.saving.get_registered_object("keras_siamese>LayerwiseSGD") is LayerwiseSGD
