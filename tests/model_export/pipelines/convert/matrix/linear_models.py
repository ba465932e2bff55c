"""Linear models, discriminants, naive Bayes and what answers without a look at the row."""

from __future__ import annotations

from sklearn import discriminant_analysis, dummy, linear_model, naive_bayes, neighbors, svm
from sklearn.cross_decomposition import PLSRegression
from sklearn.isotonic import IsotonicRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.model_export.pipelines.convert.matrix.configuration import Configuration

REGRESSIONS = {
    "ARDRegression": lambda: linear_model.ARDRegression(),
    "BayesianRidge": lambda: linear_model.BayesianRidge(),
    "ElasticNet": lambda: linear_model.ElasticNet(0.01),
    "ElasticNetCV": lambda: linear_model.ElasticNetCV(alphas=5, cv=3),
    "HuberRegressor": lambda: linear_model.HuberRegressor(max_iter=1000),
    "Lars": lambda: linear_model.Lars(),
    "LarsCV": lambda: linear_model.LarsCV(cv=3),
    "Lasso": lambda: linear_model.Lasso(0.01),
    "LassoCV": lambda: linear_model.LassoCV(alphas=5, cv=3),
    "LassoLars": lambda: linear_model.LassoLars(0.01),
    "LassoLarsCV": lambda: linear_model.LassoLarsCV(cv=3),
    "LassoLarsIC": lambda: linear_model.LassoLarsIC(),
    "LinearRegression": lambda: linear_model.LinearRegression(),
    "LinearRegression(fit_intercept=False)": lambda: linear_model.LinearRegression(fit_intercept=False),
    "LinearRegression(positive)": lambda: linear_model.LinearRegression(positive=True),
    "LinearSVR": lambda: svm.LinearSVR(random_state=0, max_iter=100_000),
    "LinearSVR(fit_intercept=False)": lambda: svm.LinearSVR(fit_intercept=False, random_state=0, max_iter=100_000),
    "OrthogonalMatchingPursuit": lambda: linear_model.OrthogonalMatchingPursuit(n_nonzero_coefs=2),
    "OrthogonalMatchingPursuitCV": lambda: linear_model.OrthogonalMatchingPursuitCV(cv=3),
    "PassiveAggressiveRegressor": lambda: linear_model.PassiveAggressiveRegressor(random_state=0),
    "PLSRegression": lambda: PLSRegression(n_components=2),
    "PLSRegression(scale=False)": lambda: PLSRegression(n_components=1, scale=False),
    "QuantileRegressor": lambda: linear_model.QuantileRegressor(quantile=0.7, alpha=0.01),
    "RANSACRegressor": lambda: linear_model.RANSACRegressor(random_state=0),
    "RANSACRegressor(Ridge)": lambda: linear_model.RANSACRegressor(
        linear_model.Ridge(), min_samples=20, random_state=0
    ),
    "Ridge": lambda: linear_model.Ridge(),
    "RidgeCV": lambda: linear_model.RidgeCV(),
    "SGDRegressor": lambda: make_pipeline(StandardScaler(), linear_model.SGDRegressor(random_state=0)),
    "TheilSenRegressor": lambda: linear_model.TheilSenRegressor(random_state=0, max_subpopulation=200),
    "DummyRegressor(mean)": lambda: dummy.DummyRegressor(),
    "DummyRegressor(quantile)": lambda: dummy.DummyRegressor(strategy="quantile", quantile=0.9),
    "DummyRegressor(constant)": lambda: dummy.DummyRegressor(strategy="constant", constant=-3),
}
POSITIVE = {
    "GammaRegressor": lambda: linear_model.GammaRegressor(),
    "PoissonRegressor": lambda: linear_model.PoissonRegressor(),
    "TweedieRegressor(power=1.5)": lambda: linear_model.TweedieRegressor(power=1.5),
    "TweedieRegressor(power=0)": lambda: linear_model.TweedieRegressor(power=0),
    "TweedieRegressor(power=2, link='identity')": lambda: linear_model.TweedieRegressor(power=2, link="identity"),
}
CLASSIFIERS = {
    "DummyClassifier(prior)": lambda: dummy.DummyClassifier(),
    "DummyClassifier(most_frequent)": lambda: dummy.DummyClassifier(strategy="most_frequent"),
    "DummyClassifier(constant)": lambda: dummy.DummyClassifier(strategy="constant", constant="media"),
    "GaussianNB": lambda: naive_bayes.GaussianNB(),
    "GaussianNB(priors)": lambda: naive_bayes.GaussianNB(var_smoothing=1e-3),
    "BernoulliNB": lambda: naive_bayes.BernoulliNB(),
    "BernoulliNB(binarize=0.5)": lambda: naive_bayes.BernoulliNB(binarize=0.5, fit_prior=False),
    "LinearDiscriminantAnalysis": lambda: discriminant_analysis.LinearDiscriminantAnalysis(),
    "LinearDiscriminantAnalysis(lsqr, shrinkage)": lambda: discriminant_analysis.LinearDiscriminantAnalysis(
        solver="lsqr", shrinkage="auto"
    ),
    "QuadraticDiscriminantAnalysis": lambda: discriminant_analysis.QuadraticDiscriminantAnalysis(),
    "QuadraticDiscriminantAnalysis(reg_param)": lambda: discriminant_analysis.QuadraticDiscriminantAnalysis(
        reg_param=0.1
    ),
    "LinearSVC": lambda: svm.LinearSVC(random_state=0),
    "LinearSVC(crammer_singer)": lambda: svm.LinearSVC(multi_class="crammer_singer", random_state=0, max_iter=100_000),
    "LogisticRegression": lambda: linear_model.LogisticRegression(max_iter=1000),
    "LogisticRegression(class_weight)": lambda: linear_model.LogisticRegression(class_weight="balanced", max_iter=1000),
    "LogisticRegressionCV": lambda: linear_model.LogisticRegressionCV(
        Cs=3, cv=2, max_iter=1000, l1_ratios=(0,), use_legacy_attributes=False, scoring="accuracy"
    ),
    "PassiveAggressiveClassifier": lambda: linear_model.PassiveAggressiveClassifier(random_state=0),
    "Perceptron": lambda: linear_model.Perceptron(random_state=0),
    "RidgeClassifier": lambda: linear_model.RidgeClassifier(),
    "RidgeClassifierCV": lambda: linear_model.RidgeClassifierCV(),
    "SGDClassifier(hinge)": lambda: linear_model.SGDClassifier(random_state=0),
    "SGDClassifier(squared_hinge)": lambda: linear_model.SGDClassifier("squared_hinge", random_state=0),
    "SGDClassifier(log_loss)": lambda: linear_model.SGDClassifier("log_loss", random_state=0),
    "SGDClassifier(modified_huber)": lambda: linear_model.SGDClassifier("modified_huber", random_state=0),
}
CENTROIDS = {
    "NearestCentroid": lambda: neighbors.NearestCentroid(),
    "NearestCentroid(empirical, shrunken)": lambda: neighbors.NearestCentroid(shrink_threshold=0.3, priors="empirical"),
}
COUNTERS = {
    "MultinomialNB": lambda: naive_bayes.MultinomialNB(),
    "ComplementNB": lambda: naive_bayes.ComplementNB(),
    "ComplementNB(norm)": lambda: naive_bayes.ComplementNB(norm=True),
}
CONFIGURATIONS: tuple[Configuration, ...] = (
    *(Configuration(name, build) for name, build in REGRESSIONS.items()),
    *(Configuration(name, build, target="positive") for name, build in POSITIVE.items()),
    *(Configuration(name, build, target=2) for name, build in CLASSIFIERS.items()),
    *(Configuration(f"{name} of 3", build, target=3) for name, build in CLASSIFIERS.items()),
    *(Configuration(name, build, target=2, largest=100.0) for name, build in CENTROIDS.items()),
    *(Configuration(f"{name} of 3", build, target=3, largest=100.0) for name, build in CENTROIDS.items()),
    *(Configuration(name, build, "counts", 2) for name, build in COUNTERS.items()),
    *(Configuration(f"{name} of 3", build, "counts", 3) for name, build in COUNTERS.items()),
    Configuration("CategoricalNB", naive_bayes.CategoricalNB, "codes", 2),
    Configuration("CategoricalNB of 3", naive_bayes.CategoricalNB, "codes", 3),
    Configuration("IsotonicRegression(clip)", lambda: IsotonicRegression(out_of_bounds="clip"), "one"),
    Configuration("IsotonicRegression(nan)", lambda: IsotonicRegression(out_of_bounds="nan"), "one"),
)
