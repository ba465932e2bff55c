"""A question about a scholarship, asked twice: as plain HTTP, and as Hugging Face's InferenceClient asks it.

    python examples/clients/becas.py [request.json]

BASE_URL is the service (http://127.0.0.1:8000), API_TOKEN its token. Without a file: examples/becas-request.json.
A program that was written for Hugging Face's Inference API changes its base URL and nothing else.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from huggingface_hub import InferenceClient
from huggingface_hub.errors import HfHubHTTPError
from service import Service

MODEL = "/models/BecarIA/Longformer-SQuAD-becas-1"
REQUEST = Path(__file__).resolve().parents[1] / "becas-request.json"


def main() -> None:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else REQUEST
    body = json.loads(path.read_text("utf-8"))
    service = Service()
    answer = service.post(MODEL, body).json()
    print(body["inputs"]["question"])
    print(f"{answer['answer']} (score {answer['score']:.3f}, characters {answer['start']} to {answer['end']})")
    # never None: without a token the library would send the user's own token for huggingface.co
    client = InferenceClient(model=f"{service.base_url}{MODEL}", token=service.token or "none")
    try:
        again = client.question_answering(**body["inputs"])
    except HfHubHTTPError as error:
        sys.exit(f"InferenceClient: {error}")
    print(f"InferenceClient: {again.answer}")


if __name__ == "__main__":
    main()
