"""What a run of the reproduction is made of."""

from __future__ import annotations

from dataclasses import MISSING, asdict, dataclass, fields, replace
from typing import Any

Rates = float | dict[str, float]
PRECISIONS = ("float32", "mixed_bfloat16")
L2_FORMS = ("coupled", "printed")
# What a run is for: a cell of the tables, an ablation, a choice of settings by validation, a larger
# budget than the tables', a shorter one to see what length gives, or none of these.
ROLES = ("table", "ablation", "choice", "longer", "length", "preset")
# By how much the rates shrink during a training, as they do in 200 of the paper's epochs.
SHRINKING = 1 / 8
# Sec. 3.2: the trials that choose the epoch.
PAPER_TRIALS = 320
COUNTS = (
    "size",
    "num_pairs",
    "num_distortions",
    "num_validation_pairs",
    "num_test_pairs",
    "ramp_epochs",
    "epoch_pairs",
    "batch_size",
    "epochs",
    "patience",
    "validation_trials",
    "seed",
)


@dataclass(frozen=True)
class RunConfig:
    """One run: data, network, rates and training. Unknown overrides raise."""

    # Name of the result and of the run's folder.
    name: str
    # "omniglot" or "glyphs".
    data: str
    # Height and width of the images in pixels: 105 (full) or 35 (reduced).
    size: int
    # "koch" (105), "reduced" (35) or "dense" (the non-convolutional net of table 2).
    encoder: str
    # Further arguments of the encoder, such as filters or units; the paper's where empty.
    encoder_options: dict[str, Any]
    # Initial weights: "koch" (sec. 3.2) or "he".
    initializer: str
    # Whether the output unit has a bias (open in the paper).
    use_bias: bool
    # Training pairs before distortions: 30,000, 90,000 or 150,000 (table 1).
    num_pairs: int
    # Distorted copies of every pair: 8, or 0 for none (table 1).
    num_distortions: int
    # Different pairs "within-alphabet" or "across-alphabets" (open in the paper).
    different: str
    # Verification pairs for the threshold, and for the test.
    num_validation_pairs: int
    num_test_pairs: int
    # Learning rate eta per layer, or one for all.
    learning_rates: Rates
    # Final momentum mu per layer, or one for all.
    momenta: Rates
    # L2 weight lambda per layer, or one for all.
    l2: Rates
    # "coupled" for ordinary L2, or "printed" for the paper's misprint, by which weights grow.
    l2_form: str
    # Epochs of the momentum ramp (open in the paper).
    ramp_epochs: int
    # Pairs per epoch; None for the whole table (see keras_siamese.training.TrainingConfig).
    epoch_pairs: int | None
    batch_size: int
    epochs: int
    patience: int
    # "float32" or "mixed_bfloat16" while training; reported scores are in float32.
    precision: str
    # Compile the network part of the step with XLA.
    jit_compile: bool
    # Seed of weights, pairs, distortions, order and test trials. The official runs and the
    # validation trials are the same for every seed.
    seed: int
    # Fraction by which the learning rates shrink each epoch; the paper's is 0.01.
    decay: float = 0.01
    # Trials within alphabets that choose the epoch: the paper's 320, or a multiple of 20.
    validation_trials: int = PAPER_TRIALS
    # One of `ROLES`; no setting of the training.
    role: str = "preset"

    def __post_init__(self) -> None:
        """Check what a command line can get wrong; the library checks ranges."""
        for name in COUNTS:
            value = getattr(self, name)
            optional = name == "epoch_pairs" and value is None
            if not optional and (type(value) is not int or value < 0):
                raise ValueError(
                    f"`{name}` must be a whole number from 0 on. Received: {value!r}. Give one."
                )
        if self.validation_trials < 20 or self.validation_trials % 20:
            raise ValueError(
                "`validation_trials` must be a positive multiple of 20. Received: "
                f"{self.validation_trials}. Give for example 400."
            )
        if not isinstance(self.encoder_options, dict):
            raise ValueError(
                f"`encoder_options` must be a mapping. Received: {self.encoder_options!r}. Give "
                "one, in JSON."
            )
        for name, choices in (("precision", PRECISIONS), ("l2_form", L2_FORMS), ("role", ROLES)):
            if getattr(self, name) not in choices:
                raise ValueError(
                    f"`{name}` must be one of {choices}. Received: {getattr(self, name)!r}. Choose "
                    "one."
                )

    def settings(self) -> dict[str, Any]:
        """Return what the run is made of: every field but its role."""
        return {name: value for name, value in asdict(self).items() if name != "role"}

    def override(self, **changes: object) -> RunConfig:
        """Return a copy with other values; an unknown name is an error."""
        known = {field.name for field in fields(self)}
        unknown = sorted(set(changes) - known)
        if unknown:
            raise ValueError(
                f"A setting must be one of {', '.join(sorted(known))}. Received: "
                f"{', '.join(unknown)}. Choose from that list."
            )
        return replace(self, **changes)  # type: ignore[arg-type]

    def with_length(self, epochs: int, shrinking: float = SHRINKING) -> RunConfig:
        """Return a run of some epochs, in which the rates shrink to a fraction."""
        decay = round(1 - shrinking ** (1 / max(1, epochs - 1)), 6)
        ramp_epochs = max(1, epochs // 20)
        return self.override(epochs=epochs, patience=epochs, decay=decay, ramp_epochs=ramp_epochs)


# Values of settings that results written before them do not name.
SETTING_DEFAULTS = {
    field.name: field.default for field in fields(RunConfig) if field.default is not MISSING
}
