"""What users of huggingface_hub write, in any of its releases: prints what it is answered as JSON."""

from __future__ import annotations

import json
import sys

import huggingface_hub
from huggingface_hub import InferenceClient


def refusal(ask: object) -> str:
    try:
        return f"no refusal: {ask()}"  # type: ignore[operator]
    except Exception as error:  # each release has a class of its own
        return str(error)


def main(questions: str, texts: str, table: str, pair: str, text: str) -> None:
    asked, client = json.loads(pair), InferenceClient(model=questions)
    several = client.question_answering(**asked, top_k=2)
    tags = InferenceClient(model=texts).text_classification(text, top_k=4)
    found = {
        "release": huggingface_hub.__version__,
        "answer": client.question_answering(**asked).answer,
        "answers": len(several) if isinstance(several, list) else 1,
        "scores": {one.label: one.score for one in tags},
        "refusal": refusal(lambda: client.question_answering(question=" ", context=asked["context"])),
        "table": refusal(lambda: InferenceClient(model=table).tabular_classification({"tenure": ["1"]})),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
