"""Describes the distribution: what it is, what it needs and the command that it installs."""

import re
from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).resolve().parent

# In the Keras 3 before these, a file of a model can run code, read other files or fill the memory
# (among others CVE-2025-1550, CVE-2025-9906, CVE-2026-1462, CVE-2026-1669). 3.12.4 is for Python
# 3.10. Keras 2.15, the second stack's, gets no such fixes: there `load_network` warns.
UNSAFE_KERAS = [f"3.{minor}.*" for minor in (*range(12), 13, 14)]
UNSAFE_KERAS += ["3.12.0", "3.12.1", "3.12.2", "3.12.3", "3.15.0"]

RUNTIME = [
    # TensorFlow 2.15 brings Keras 2.15, every later one Keras 3: docs/stacks.md.
    "tensorflow>=2.15.1",
    "keras>=2.15" + "".join(f",!={version}" for version in UNSAFE_KERAS),
    "numpy>=1.26",
    "scipy>=1.11",
    "scikit-image>=0.22",
    "lazy_loader>=0.3",
    # The decoders before have holes that an image file can use.
    "pillow>=12.3",
    "typer>=0.12",
    "rich>=13.8",
    "tensorboard>=2.15",
]

EXTRAS = {
    "addons": ["tensorflow-addons>=0.23", "tensorflow>=2.15.1,<2.16", "keras>=2.15,<2.16"],
    "gpu": ["tensorflow[and-cuda]>=2.16"],
    "report": ["filelock>=3.12", "markdown>=3.4", "matplotlib>=3.8", "scikit-learn>=1.5"],
    "search": ["filelock>=3.12", "optuna>=4.9"],
    # Before, files of the server could be read (CVE-2026-28414).
    "demo": ["gradio>=6.7"],
    # tf2onnx 1.16 forbids the protobuf that TensorFlow needs.
    "onnx": ["tf2onnx>=1.17", "onnx>=1.17", "onnxruntime>=1.18"],
    "litert": ["ai-edge-litert>=2"],
    "openvino": ["openvino>=2025.3"],
    "faiss": ["faiss-cpu>=1.8"],
    "usearch": ["usearch>=2.16"],
    "heic": ["pillow-heif>=1"],
    # What studies/signs renders pictures with.
    "signs": ["fonttools>=4.50", "resvg-py>=0.5"],
    "docs": [
        "mkdocs>=1.6",
        "mkdocs-material>=9.5",
        "mkdocstrings[python]>=0.26",
        "latex2mathml>=3.77",
    ],
    "dev": [
        "pytest>=8",
        "pytest-xdist>=3.6",
        "pytest-cov>=5",
        "hypothesis>=6.100",
        "nbclient>=0.10",
        "ipykernel>=6.29",
        "ruff>=0.9",
        "mypy>=1.11",
        "packaging>=24",
        "pre-commit>=3.7",
    ],
}


def read_version() -> str:
    """Read `__version__` from the package's source, so that building needs no TensorFlow.

    Returns:
        The version, e.g. "0.1.0".

    Raises:
        ValueError: When the source states none, or more than one.
    """
    source = (ROOT / "keras_siamese" / "__init__.py").read_text(encoding="utf-8")
    found = re.findall(r'^__version__ = "([^"]+)"$', source, flags=re.MULTILINE)
    if len(found) != 1:
        raise ValueError(
            'keras_siamese/__init__.py: expected exactly one line `__version__ = "X.Y.Z"`, '
            f"received {len(found)}. Write the version there and nowhere else."
        )
    return str(found[0])


setup(
    name="keras_siamese",
    version=read_version(),
    description="Siamese networks for one-shot image recognition (Koch et al. 2015) in Keras",
    long_description=(ROOT / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    author="The keras_siamese authors",
    license="MIT",
    license_files=["LICENSE"],
    keywords="siamese network, one-shot learning, few-shot learning, omniglot, keras, tensorflow",
    classifiers=[
        "Development Status :: 3 - Alpha",
        "Intended Audience :: Developers",
        "Intended Audience :: Science/Research",
        "Operating System :: OS Independent",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3.10",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
        "Topic :: Scientific/Engineering :: Image Recognition",
        "Typing :: Typed",
    ],
    python_requires=">=3.10,<3.14",
    packages=find_packages(include=["keras_siamese", "keras_siamese.*"]),
    py_modules=["keras_siamese_command"],
    package_data={
        "": ["*.pyi"],
        "keras_siamese": [
            "py.typed",
            "demo/page.css",
            "demo/pad.js",
            "weights/*.json",
            "weights/*.npz",
        ],
    },
    install_requires=RUNTIME,
    extras_require=EXTRAS,
    entry_points={"console_scripts": ["keras-siamese = keras_siamese_command:main"]},
    zip_safe=False,
)
