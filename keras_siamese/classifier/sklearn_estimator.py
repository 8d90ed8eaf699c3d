"""What scikit-learn expects of every estimator, without needing scikit-learn."""

from __future__ import annotations

import inspect
import sys
from abc import ABC, abstractmethod
from typing import Any, TypeVar

EstimatorType = TypeVar("EstimatorType", bound="Estimator")


class Estimator(ABC):
    """Parameters by name, cloning, tags, and the state of being fitted.

    scikit-learn's BaseEstimator and ClassifierMixin give the same; it stays optional here. A
    parameter is an argument of `__init__`, stored under its own name.
    """

    # For scikit-learn before 1.6; later versions ask for the tags.
    _estimator_type = "classifier"

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the arguments that the estimator was made with, or that were set since.

        Args:
            deep: Without effect; scikit-learn's tools pass it.

        Returns:
            Values by argument name.
        """
        return {name: getattr(self, name) for name in self._parameters()}

    def set_params(self: EstimatorType, **params: Any) -> EstimatorType:
        """Change arguments.

        Args:
            **params: Values by argument name; they are checked when used.

        Returns:
            The estimator itself.

        Raises:
            ValueError: If there is no argument of that name.
        """
        unknown = sorted(set(params) - set(self._parameters()))
        if unknown:
            raise ValueError(
                f"Arguments of set_params must be among {self._parameters()}. Received: {unknown}. "
                "Choose from that list."
            )
        for name, value in params.items():
            setattr(self, name, value)
        return self

    @classmethod
    def _parameters(cls) -> list[str]:
        return [name for name in inspect.signature(cls.__init__).parameters if name != "self"]

    def _check_fitted(self) -> None:
        """Raise scikit-learn's own error where scikit-learn is in use, which is a ValueError."""
        if self.__sklearn_is_fitted__():
            return
        sklearn = sys.modules.get("sklearn.exceptions")
        error: type[ValueError] = ValueError if sklearn is None else sklearn.NotFittedError
        raise error(
            f"This {type(self).__name__} must be fitted first. Received: none of its classes yet. "
            "Call fit with one support image or more of each class, or load one that was saved."
        )

    @abstractmethod
    def __sklearn_is_fitted__(self) -> bool:
        """Say whether `fit` has been called."""

    def __sklearn_clone__(self: EstimatorType) -> EstimatorType:
        """Return an unfitted estimator that shares the network, which `fit` does not change."""
        return type(self)(**self.get_params())

    def __sklearn_tags__(self) -> Any:
        """Return scikit-learn's description of the estimator; only scikit-learn calls it."""
        from sklearn.utils import ClassifierTags, InputTags, Tags, TargetTags, TransformerTags

        return Tags(
            estimator_type="classifier",
            target_tags=TargetTags(required=True),
            classifier_tags=ClassifierTags(),
            input_tags=InputTags(),
            transformer_tags=TransformerTags(preserves_dtype=["float32"]),
            regressor_tags=None,
        )
