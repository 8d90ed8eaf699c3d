"""Fit the probabilities of a siamese network to held-out pairs, so that they are calibrated."""

from __future__ import annotations

import keras
import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, logit

from keras_siamese.data.pairs import PairTable
from keras_siamese.evaluation.thresholds import count_kinds
from keras_siamese.evaluation.verification import pair_logits
from keras_siamese.models import twin_head


def calibrate(
    model: keras.Model, images: np.ndarray, pairs: PairTable, *, batch_size: int = 256
) -> None:
    """Scale and shift the logits of a siamese model so that its probabilities fit these pairs.

    Training on episodes with the softmax loss orders pairs and leaves the head's bias alone. A
    logistic regression of the labels on the logits gives a slope and an offset (Platt 1999,
    "Probabilistic outputs for support vector machines"), which the head's weights take in.
    No pair overtakes another, so that one-shot accuracy stays.

    Args:
        model: Siamese network, as made by `siamese_network`, whose weighted L1 distance has a bias,
            as it has by default, or of any other head. Its head is changed; of a layer of yours,
            only what follows it (`LayerHead`).
        images: `(m, height, width, channels)`, uint8, ink 255, or float in [0, 1], of classes that
            the network was not trained on.
        pairs: Undistorted pairs of these images, as `sample_pairs` draws them. Half of them show
            the same class; where another share is expected, so are other probabilities.
        batch_size: Images per encoder call.

    Raises:
        ValueError: If the head has no bias, the pairs are distorted or all of one kind, or same
            pairs do not score higher than others, so that there is nothing to calibrate.
    """
    head = twin_head(model)
    if not getattr(head, "use_bias", True):
        raise ValueError(
            "`model` must have a bias in its head. Received: use_bias=False. Make it by "
            "siamese_network(encoder)."
        )
    pairs.check_undistorted()
    count_kinds(pairs.same, "pairs")
    logits = pair_logits(model, images, pairs.left, pairs.right, batch_size)
    slope, offset = fit_logistic(logits.astype(np.float64), pairs.same)
    if not slope > 0:
        raise ValueError(
            f"`model` must score same pairs higher than different ones. Received: a slope of "
            f"{slope:.3g}. Train it first."
        )
    head.scale_logits(slope, offset)


def fit_logistic(scores: np.ndarray, same: np.ndarray) -> tuple[float, float]:
    """Fit `p(same) = sigmoid(slope * score + offset)` by maximum likelihood.

    The targets are Platt's, `(n + 1) / (n + 2)` and `1 / (m + 2)` for `n` same and `m` different
    pairs instead of 1 and 0, so that the slope stays finite where few pairs are told apart fully.

    Args:
        scores: `(n,)`, float64.
        same: `(n,)`, bool, with both values.

    Returns:
        Slope and offset.
    """
    num_same, num_different = int(same.sum()), int((~same).sum())
    target = np.where(same, (num_same + 1) / (num_same + 2), 1 / (num_different + 2))
    # Scores that are all equal tell nothing, whatever rounding makes of their spread.
    if np.ptp(scores) == 0:
        return 0.0, float(logit(target.mean()))

    # Standardised, so that the search starts near the answer whatever the unit of the scores.
    centre, spread = scores.mean(), scores.std()
    standard = (scores - centre) / spread

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        logits = weights[0] * standard + weights[1]
        wrong = expit(logits) - target
        value = (np.logaddexp(0.0, logits) - target * logits).mean()
        return value, np.array([(wrong * standard).mean(), wrong.mean()])

    slope, offset = minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B").x
    return float(slope / spread), float(offset - slope * centre / spread)
