"""Every protocol's routes and documentation, found by name."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from starlette.applications import Starlette

from functions.core.definition import Definition
from functions.core.model_folder import load_definition
from functions.inference.application import create_application
from functions.inference.protocols.despliegue import routes as despliegue
from functions.inference.protocols.hugging_face import routes as hugging_face
from functions.inference.protocols.listed import protocol_operations, protocol_routes
from functions.local.application import local_application
from functions.local.home import Home
from functions.serving.models import ServedModels
from tests.inference.served_routes import TABLE, routes_of


def test_the_routes_of_all_protocols_serve_the_paths_of_each_model(trained_home: Home, root: Path) -> None:
    texts = replace(load_definition(root / "models" / "project-tags"), hub_id="some/tags")
    routes = protocol_routes(ServedModels({texts.name: texts}, trained_home.registry))
    application = create_application(Starlette(routes=routes))
    own = {("POST", "/models/project-tags"), ("POST", "/models/some/tags")}
    assert routes_of(application) == TABLE["predict"] | own


def test_a_model_has_the_operations_of_the_protocols_of_its_task(root: Path) -> None:
    texts = replace(load_definition(root / "models" / "project-tags"), hub_id="some/tags")
    assert set(protocol_operations(texts, None)) == {
        "/models/project-tags/predict",
        "/models/project-tags",
        "/models/some/tags",
    }
    assert set(protocol_operations(load_definition(root / "models" / "churn"), None)) == {"/models/churn/predict"}


def test_documenting_loads_no_model_and_predicting_no_document() -> None:
    loading = "from functions.inference.protocols.listed import protocol_operations; "
    loading += "from functions.core.model_folder import load_definition; from pathlib import Path; "
    loading += "protocol_operations(load_definition(Path('models/churn')), None); import sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", loading], check=True, capture_output=True, text=True)
    loaded = set(done.stdout.split())
    assert "functions.inference.protocols.despliegue.document" in loaded
    assert loaded.isdisjoint({"functions.serving.version", "functions.inference.protocols.despliegue.routes"})


def test_the_local_application_serves_the_table_and_takes_uploads(
    trained_home: Home, definitions: Mapping[str, Definition]
) -> None:
    application = local_application(trained_home, definitions, base_url="http://localhost")
    of_a_laptop = {("POST", "/local-uploads"), ("GET", "/ready")}
    assert routes_of(application) == TABLE["control"] | TABLE["predict"] | of_a_laptop


def test_the_predict_application_serves_the_predict_routes_alone(
    trained_home: Home, definitions: Mapping[str, Definition]
) -> None:
    inference = ServedModels(definitions, trained_home.registry)
    application = create_application(Starlette(routes=[*despliegue.routes(inference), *hugging_face.routes(inference)]))
    assert routes_of(application) == TABLE["predict"]


def test_models_that_hugging_face_answers_have_routes_of_their_own(trained_home: Home, root: Path) -> None:
    texts = replace(load_definition(root / "models" / "project-tags"), hub_id="some/tags")
    routes = hugging_face.routes(ServedModels({texts.name: texts}, trained_home.registry))
    application = create_application(Starlette(routes=routes))
    assert routes_of(application) == {("POST", "/models/project-tags"), ("POST", "/models/some/tags")}
