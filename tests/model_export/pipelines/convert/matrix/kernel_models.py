"""Support vector machines, neighbours, networks and Gaussian processes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import (
    RBF,
    ConstantKernel,
    DotProduct,
    Matern,
    RationalQuadratic,
    WhiteKernel,
)
from sklearn.kernel_ridge import KernelRidge
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR, NuSVC, NuSVR

from tests.model_export.pipelines.convert.matrix.configuration import Configuration


def scaled(model: Callable[[], Any]) -> Callable[[], Any]:
    return lambda: make_pipeline(StandardScaler(), model())


KERNELS: dict[str, dict[str, Any]] = {
    "rbf": {},
    "rbf, gamma=0.5": {"gamma": 0.5},
    "linear": {"kernel": "linear"},
    "poly": {"kernel": "poly", "degree": 3, "coef0": 1.0},
    "poly of 2": {"kernel": "poly", "degree": 2},
    "sigmoid": {"kernel": "sigmoid", "gamma": 0.1},
}
CLASSIFIERS: dict[str, Callable[[], Any]] = {
    **{f"SVC({name})": lambda options=options: SVC(**options) for name, options in KERNELS.items()},
    **{
        f"SVC({name}, probability)": lambda options=options: SVC(probability=True, random_state=0, **options)
        for name, options in KERNELS.items()
    },
    "NuSVC": lambda: NuSVC(nu=0.3),
    "NuSVC(probability)": lambda: NuSVC(nu=0.3, probability=True, random_state=0),
    "SVC(break_ties)": lambda: SVC(break_ties=True),
}
REGRESSORS: dict[str, Callable[[], Any]] = {
    **{f"SVR({name})": lambda options=options: SVR(**options) for name, options in KERNELS.items()},
    "NuSVR": lambda: NuSVR(),
}
NEIGHBOURS: dict[str, dict[str, Any]] = {
    "": {},
    "distance": {"weights": "distance"},
    "1": {"n_neighbors": 1},
    "manhattan": {"metric": "manhattan", "weights": "distance"},
    "chebyshev": {"metric": "chebyshev", "n_neighbors": 1},
    "minkowski of 3": {"p": 3, "weights": "distance"},
    "brute": {"algorithm": "brute"},
    "ball_tree": {"algorithm": "ball_tree", "weights": "distance"},
    "cosine": {"metric": "cosine", "algorithm": "brute"},
}
NETWORKS: dict[str, dict[str, Any]] = {
    "": {},
    "tanh": {"activation": "tanh", "hidden_layer_sizes": (8, 4)},
    "logistic": {"activation": "logistic", "hidden_layer_sizes": (8,)},
    "identity": {"activation": "identity", "hidden_layer_sizes": ()},
}


WHITE = WhiteKernel(0.1, noise_level_bounds="fixed")
PROCESSES: dict[str, Any] = {
    "RBF": RBF() + WHITE,
    "RBF of each column": ConstantKernel(2.0) * RBF([1.0, 2.0, 3.0, 4.0]) + WHITE,
    "Matern": Matern(nu=1.5) + WHITE,
    "Matern of 0.5": Matern(nu=0.5) + WHITE,
    "Matern of 2.5": Matern(nu=2.5) + WHITE,
    "RationalQuadratic": RationalQuadratic() + WHITE,
    "DotProduct": DotProduct() ** 2 + WHITE,
}


def process(kernel: Any) -> Callable[[], Any]:
    return scaled(lambda: GaussianProcessRegressor(kernel, normalize_y=True, optimizer=None))


def network(kind: Any, options: dict[str, Any]) -> Callable[[], Any]:
    return scaled(lambda: kind(**{"hidden_layer_sizes": (10,), **options}, random_state=0, max_iter=50))


# Beyond it the sums of libsvm have no digits left, and all training rows are equally far.
LARGEST = 1e3
CONFIGURATIONS: tuple[Configuration, ...] = (
    *(Configuration(name, scaled(build), target=2, largest=LARGEST) for name, build in CLASSIFIERS.items()),
    *(Configuration(f"{name} of 3", scaled(build), target=3, largest=LARGEST) for name, build in CLASSIFIERS.items()),
    *(Configuration(name, scaled(build), largest=LARGEST) for name, build in REGRESSORS.items()),
    *(
        Configuration(
            f"KNeighborsClassifier({name}){suffix}",
            lambda options=options: KNeighborsClassifier(**options),
            target=count,
            largest=LARGEST,
        )
        for name, options in NEIGHBOURS.items()
        for count, suffix in ((2, ""), (3, " of 3"))
    ),
    *(
        Configuration(
            f"KNeighborsRegressor({name})", lambda options=options: KNeighborsRegressor(**options), largest=LARGEST
        )
        for name, options in NEIGHBOURS.items()
    ),
    *(
        Configuration(f"MLPClassifier({name}){suffix}", network(MLPClassifier, options), target=count)
        for name, options in NETWORKS.items()
        for count, suffix in ((2, ""), (3, " of 3"))
    ),
    *(Configuration(f"MLPRegressor({name})", network(MLPRegressor, options)) for name, options in NETWORKS.items()),
    *(
        Configuration(f"GaussianProcessRegressor({name})", process(kernel), largest=LARGEST)
        for name, kernel in PROCESSES.items()
    ),
    *(
        Configuration(
            f"KernelRidge({name})",
            scaled(lambda options=options: KernelRidge(**{"kernel": "rbf", **options})),
            largest=LARGEST,
        )
        for name, options in KERNELS.items()
        if name != "sigmoid"
    ),
    Configuration("MLPRegressor(poisson)", network(MLPRegressor, {"loss": "poisson"}), target="positive"),
    Configuration("SVC(rbf) without scaling", SVC, target=2),
    Configuration("SVR(rbf) without scaling", SVR),
)
