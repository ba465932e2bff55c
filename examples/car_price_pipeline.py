"""Source of car_price_pipeline.ipynb, which `python -m tools.notebook` builds and runs."""

# %% [markdown]
# # The car-price pipeline, from its data to a served model
#
# > **Resumen en español.** Este cuaderno construye y explica el pipeline de `models/car-price`, que predice el precio
# > de un coche usado: los datos (2500 anuncios inventados, con huecos y repetidos), cada paso (imputación,
# > codificación, escalado y dos transformadores propios) sobre tres coches de ejemplo, por qué los datos se separan con
# > un *hash* de cada fila, las métricas (RMSE, MAE, R²) junto a modelos de referencia, los errores por combustible y
# > por cambio, qué variables importan, la exportación a ONNX con la prueba de que responde lo mismo que scikit-learn, y
# > el servicio: predecir, reentrenar, volver a predecir y volver a la versión anterior. Los precios están en rupias
# > indias. Para ejecutarlo: `make test` prepara el entorno `.venv`; ábralo con ese Python en VS Code o Jupyter.
#
# The cells use the same functions that Despliegue uses when it trains and serves. All outputs were made by
# `python -m tools.notebook`, from `car_price_pipeline.py`, and a test runs them again.

# %%
import atexit
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import requests
from IPython.display import display
from sklearn.compose import TransformedTargetRegressor
from sklearn.dummy import DummyRegressor
from sklearn.inspection import permutation_importance
from sklearn.linear_model import Ridge
from sklearn.pipeline import Pipeline

from functions.core.model_folder import load_definitions
from functions.predictors.by_task import open_graph_predictor
from model_export.pipelines.convert import export
from model_export.pipelines.metrics import Scored, measure
from model_export.pipelines.parity import prove_parity
from model_export.pipelines.pipeline_input import pipeline_input, target_array
from model_export.pipelines.pipeline_module import load_pipeline_module
from model_export.split import split_rows, take_rows
from model_export.training_files.rows import read_rows

PROJECT = Path("..")
FOLDER = PROJECT / "models" / "car-price"
definition = load_definitions(PROJECT / "models")["car-price"]


def bars(values: pd.Series, width: int = 30) -> pd.Series:
    """A text bar for each value, relative to the largest one."""
    lengths = (values / values.max() * width).round().astype(int)
    return lengths.map(lambda length: "█" * length + "░" * (width - length))


# %% [markdown]
# ## 1. The data
#
# `sample.csv` has invented advertisements in the columns of a well-known table of used cars. They are read as any
# training file is: checked against the schema in `model.toml`, all faults at once.

# %%
table = read_rows((FOLDER / "sample.csv").read_bytes(), "sample.csv", definition).table
cars = pd.DataFrame(table)
display(cars.head())
display(
    pd.DataFrame(
        {
            "type": [one.type for one in (*definition.schema.features, definition.schema.target)],
            "different": cars.nunique().to_list(),
            "missing": cars.isna().sum().to_list(),
        },
        index=cars.columns,
    )
)

# %% [markdown]
# Prices span more than two orders of magnitude and their distribution has a long tail: most cars are cheap, a few cost
# twenty times as much. Errors on them would rule the fit, so the model learns the logarithm of the price; it cannot
# predict a negative price either.

# %%
edges = [0, 100_000, 200_000, 400_000, 800_000, 1_600_000, 3_200_000, 12_800_000]
bands = pd.cut(cars.selling_price, edges).value_counts(sort=False)
display(
    pd.DataFrame(
        {"cars": bands.to_numpy(), "": bars(bands).to_numpy()},
        index=[f"{low:,} to {high:,}" for low, high in pairwise(edges)],
    )
)
by_year = cars.groupby("year").selling_price.agg(["count", "median"]).loc[2006:2020]
display(by_year.assign(**{"": bars(by_year["median"])}).round())

# %% [markdown]
# Some levels are rare: prices of electric cars rest on a handful of examples.

# %%
for column in ("fuel", "transmission", "seller_type", "owner"):
    display(cars[column].value_counts(dropna=False).to_frame("cars"))

# %% [markdown]
# ## 2. Which rows are set aside
#
# Some advertisements are in the table twice, word for word. A random split may put one copy among the training rows and
# the other among the evaluation rows: the model is then measured on rows that it has seen. Here a **hash of the row**
# decides its side. Equal rows are on one side, and an evaluation row stays one in every later table, so production and
# its challenger are always compared on rows that neither has learned from.

# %%
repeated = cars.duplicated(keep=False).sum()
print(f"{repeated} of {len(cars)} rows are in the table more than once")


def leaked(training: np.ndarray, evaluation: np.ndarray) -> int:
    """The number of evaluation rows that are among the training rows as well."""
    known = set(cars.iloc[training].astype(str).itertuples(index=False, name=None))
    return sum(row in known for row in cars.iloc[evaluation].astype(str).itertuples(index=False, name=None))


shuffled = np.random.default_rng(0).permutation(len(cars))
evaluation_size = len(cars) // 5
training_rows, evaluation_rows = split_rows(table, definition.schema, definition.split)
display(
    pd.DataFrame(
        {
            "training": [len(cars) - evaluation_size, len(training_rows)],
            "evaluation": [evaluation_size, len(evaluation_rows)],
            "evaluation rows seen in training": [
                leaked(shuffled[evaluation_size:], shuffled[:evaluation_size]),
                leaked(training_rows, evaluation_rows),
            ],
        },
        index=["random split", "hash split"],
    )
)

# %% [markdown]
# ## 3. The pipeline, step by step
#
# `pipeline.py` builds it; `model.toml` has its arguments. Four branches look at different columns, and boosted trees
# learn from what they give.

# %%
module = load_pipeline_module(FOLDER)
pipeline = module.build_pipeline(**definition.args)
training, evaluation = take_rows(table, training_rows), take_rows(table, evaluation_rows)
schema = definition.schema.learn(training)
frame, price = pipeline_input(pipeline, training, schema), target_array(training, schema)
pipeline.fit(frame, price)
features = pipeline.named_steps["features"]
display(
    pd.DataFrame(
        [
            (name, ", ".join(columns), " → ".join(type(step).__name__ for _, step in branch.steps))
            for name, branch, columns in features.transformers_
        ],
        columns=["branch", "columns", "steps"],
    ).set_index("branch")
)

# %% [markdown]
# Three cars go through each branch. The third one hides its distance and its fuel.

# %%
examples = json.loads((FOLDER / "examples.json").read_text("utf-8"))
three = pipeline_input(pipeline, {name: [car[name] for car in examples] for name in schema.feature_names}, schema)
display(three)

# %% [markdown]
# **Brand and model.** `FirstWords` is a transformer of our own: the first word of the name is the brand, the first two
# are brand and model. `TargetEncoder` gives each the mean price of its cars, drawn to the mean of all cars where there
# are few of them; one never seen gets the mean of all. For each training row the mean is taken from the other four
# fifths of the rows, so that no car sees its own price. Hundreds of models need no column each, and models with similar
# prices get similar numbers.

# %%
words = {}
for branch in ("brand", "model"):
    steps = features.named_transformers_[branch].named_steps
    found = steps["words"].transform(three[["name"]])
    words[f"FirstWords({steps['words'].words})"] = found[:, 0]
    words[f"{branch}: TargetEncoder"] = steps["encode"].transform(found)[:, 0].round()
display(pd.DataFrame(words))
unseen = pd.DataFrame({"name": ["Lada Niva"]}, dtype=object)
print(f"Lada, a brand never seen: {features.named_transformers_['brand'].transform(unseen)[0, 0]:,.0f}")
print(f"the mean of all training prices: {price.mean():,.0f}")

# %% [markdown]
# **Usage.** `SimpleImputer` fills holes with the median. `Usage`, the other transformer of our own, turns the year into
# an age, against the newest year seen, and adds kilometres a year: a young car with many kilometres was a taxi.
# `StandardScaler` brings the three to mean 0 and deviation 1. Trees do not need that; a linear model, as below, does.

# %%
usage = features.named_transformers_["usage"].named_steps
imputed = usage["impute"].transform(three[["year", "km_driven"]])
derived = usage["derive"].transform(imputed)
names = usage["derive"].get_feature_names_out()
display(pd.DataFrame(imputed, columns=["year", "km_driven"]))
display(pd.DataFrame(derived, columns=names).round(1))
display(pd.DataFrame(usage["scale"].transform(derived), columns=names).round(3))

# %% [markdown]
# **Categories.** Holes get the most frequent level, `OneHotEncoder` gives each level a column of 0 and 1. A level never
# seen gets 0 in all of them, and the answer of the service warns about it.

# %%
categories = features.named_transformers_["categories"].named_steps
filled = categories["impute"].transform(three[module.CATEGORIES])
display(pd.DataFrame(filled, columns=module.CATEGORIES))
encoded = pd.DataFrame(
    categories["encode"].transform(filled), columns=categories["encode"].get_feature_names_out(module.CATEGORIES)
)
display(encoded.astype(int).T.rename(columns=lambda row: f"car {row}"))

# %% [markdown]
# ## 4. How good it is
#
# RMSE and MAE are in rupees; RMSE counts large errors more. R² is the share of the variance that is explained. Figures
# say little alone, so the model is compared with one that always answers the median, and with a linear one over the
# same features. The linear one prices the few dearest cars at twice their price and more: its MAE hides that, its R²
# does not.

# %%
rows, truth = pipeline_input(pipeline, evaluation, schema), target_array(evaluation, schema)
linear = Pipeline(
    [
        ("features", module.build_pipeline().named_steps["features"]),
        ("model", TransformedTargetRegressor(Ridge(), func=np.log, inverse_func=np.exp)),
    ]
)
compared = {
    "median of the training prices": DummyRegressor(strategy="median").fit(frame, price),
    "linear (Ridge)": linear.fit(frame, price),
    "boosted trees": pipeline,
}
display(
    pd.DataFrame({name: measure(Scored(truth, model.predict(rows))) for name, model in compared.items()})
    .T.round({"rmse": 0, "mae": 0, "r2": 3})
    .rename(columns=str.upper)
)

# %%
predicted = pipeline.predict(rows)
errors = pd.DataFrame(
    {"real": truth, "predicted": predicted.round(), "error %": (100 * (predicted / truth - 1)).round(1)}
)
display(pd.concat([rows[["name", "year", "fuel"]], errors], axis=1).head(8))
within = [(limit, (errors["error %"].abs() <= limit).mean()) for limit in (5, 10, 20, 30, 50)]
shares = pd.Series({f"within {limit} %": 100 * share for limit, share in within})
display(pd.DataFrame({"% of cars": shares.round(), "": bars(shares)}))

# %% [markdown]
# ## 5. Where it errs
#
# Residuals are prediction less real price. A bias far from 0 would say that a kind of car is priced too high or too low
# throughout. In rupees automatic cars look bad, as they are the dear ones; relative to their price they look less so.
# The served model has such figures as well: `GET /models/car-price/performance?filter=slices`.

# %%
residuals = pd.DataFrame(
    {
        "fuel": rows.fuel.fillna("(missing)"),
        "transmission": rows.transmission,
        "residual": predicted - truth,
        "relative": 100 * np.abs(predicted - truth) / truth,
    }
)
for column in ("fuel", "transmission"):
    groups = residuals.groupby(column)
    found = pd.DataFrame(
        {
            "cars": groups.size(),
            "bias": groups.residual.mean().round(),
            "MAE": groups.residual.agg(lambda values: values.abs().mean()).round(),
            "median error %": groups.relative.median().round(1),
        }
    ).sort_values("cars", ascending=False)
    display(found.assign(**{"": bars(found["median error %"])}))

# %% [markdown]
# Of CNG and LPG cars there are too few to judge, their figures would change with a handful of others; no electric car
# is among the evaluation rows at all.
#
# ## 6. What matters
#
# Permutation importance: one column is shuffled among the evaluation rows, and the MAE rises by so much. The name
# (brand and model) and the year make the price. A shuffled column shows how much **this** model uses it; it is no proof
# of cause.

# %%
importance = permutation_importance(
    pipeline, rows, truth, scoring="neg_mean_absolute_error", n_repeats=10, random_state=0
)
rise = pd.Series(importance.importances_mean, index=rows.columns).sort_values(ascending=False)
display(pd.DataFrame({"MAE rises by": rise.round(-2), "": bars(rise.clip(lower=0))}))

# %% [markdown]
# ## 7. To ONNX, and the proof
#
# The fitted pipeline becomes one graph, in double precision; `FirstWords` and `Usage` convert themselves, by their
# `to_onnx`. Serving needs neither scikit-learn nor pandas nor the joblib. Side by side, for five evaluation rows:

# %%
buffer = io.BytesIO()
joblib.dump(pipeline, buffer)
original = joblib.load(io.BytesIO(buffer.getvalue()))
graph = open_graph_predictor(definition.task, export(definition.task, pipeline, schema), schema, labels=())
five = take_rows(evaluation, np.arange(5))
side_by_side = pd.DataFrame(
    {"joblib": original.predict(pipeline_input(original, five, schema)), "ONNX": graph.run(five)[0].reshape(-1)}
)
display(side_by_side.assign(equal=np.isclose(side_by_side.joblib, side_by_side.ONNX, rtol=1e-9, atol=0)).round(2))

# %% [markdown]
# Publishing demands it of every row set aside and of edge rows (missing, unseen, accented, at and beyond the range of
# training), in a batch and one by one. Without this proof there is no version.

# %%
report = prove_parity(pipeline, graph, schema, evaluation, is_classification=False)
print(f"{report.rows} evaluation rows, {report.edge_rows} edge rows, {report.single_rows} of them again one by one")
print(f"largest relative difference below {report.relative_tolerance}:", end=" ")
print(report.max_relative_difference <= report.relative_tolerance)

# %% [markdown]
# ## 8. Serving
#
# `despliegue serve`, over an empty folder. It trains the model on its sample, by the steps above, and gets their
# figures.

# %%
workspace = tempfile.TemporaryDirectory()
shutil.copytree(FOLDER, Path(workspace.name) / "models" / "car-price")
server = subprocess.Popen(
    [sys.executable, "-m", "model_export.commands.main", "serve", "--port", "0"],
    cwd=workspace.name,
    env={**os.environ, "DESPLIEGUE_HOME": f"{workspace.name}/home"},
    stdout=subprocess.PIPE,
    stderr=subprocess.DEVNULL,
    text=True,
)
atexit.register(server.terminate)
for line in server.stdout:
    if address := re.search(r"http://[^/\s]+", line):
        break
    print(line, end="")
MODEL = f"{address[0]}/models/car-price"

# %% [markdown]
# The three cars by HTTP: a price for each, in order, and warnings for unusual values.

# %%
answer = requests.post(f"{MODEL}/predict", json=examples, timeout=60).json()["data"]
print("version", answer["version"])
for car, value, warnings in zip(examples, answer["predictions"], answer["warnings"], strict=True):
    print(f"{car['name']}: {value:,.0f}", *(f"{one['loc'][0]} {one['msg']}" for one in warnings), sep="; ")

# %% [markdown]
# A car that cannot be priced is refused, with all faults at once. More examples:
# [docs/scenarios.md](../docs/scenarios.md).

# %%
refused = requests.post(f"{MODEL}/predict", json={**examples[0], "fuel": "petrol", "year": "2014"}, timeout=60)
print(refused.status_code, refused.json()["message"])
for fault in refused.json()["errors"]:
    print(".".join(fault["loc"]), fault["msg"], sep=": ")

# %% [markdown]
# ## 9. Retraining, the next prediction, and back
#
# Labelled rows in, metrics out, together with production's metrics on the same rows. These are 500 of the rows, so the
# new version knows less than the old one. The gate of `car-price` asks only for R² of at least 0.3, so it serves from
# the next prediction on.

# %%
labelled = json.loads(Path("car-price-rows.json").read_text("utf-8"))
retrained = requests.post(f"{MODEL}/retrain", json=labelled, timeout=60).json()["data"]
print(f"version {retrained['version']}, promoted: {retrained['promoted']} ({retrained['reason']})")
display(
    pd.DataFrame({"production": retrained["production_metrics"], "new version": retrained["metrics"]})
    .T.round({"rmse": 0, "mae": 0, "r2": 3})
    .rename(columns=str.upper)
)
after = requests.post(f"{MODEL}/predict", json=examples, timeout=60).json()["data"]
display(
    pd.DataFrame(
        {
            "car": [car["name"] for car in examples],
            f"version {answer['version']}": np.round(answer["predictions"]),
            f"version {after['version']}": np.round(after["predictions"]),
        }
    )
)

# %% [markdown]
# Its metrics are worse, so one call goes back to version 1. A version never changes, so the prices are the same as
# before.

# %%
requests.put(f"{MODEL}/production", json={"version": 1}, timeout=60).raise_for_status()
back = requests.post(f"{MODEL}/predict", json=examples, timeout=60).json()["data"]
print("version", back["version"], "with the same prices:", back["predictions"] == answer["predictions"])
server.terminate()
server.wait()
workspace.cleanup()

# %% [markdown]
# ## 10. What to keep in mind
#
# - The rows are invented; to measure the pipeline on your own table, train on it
#   (`despliegue train car-price --data your.csv`).
# - Relative errors are a better measure for prices than RMSE, which a few dear cars rule.
# - The price of a rare level, an unknown brand or model, or an impossible combination is only a guess.
# - The year is an age against the newest year of training: next year's cars need a retrain.
