"""A real checkpoint that labels texts: a language model, fine-tuned for the tags of public projects."""

from __future__ import annotations

import csv
import json
from pathlib import Path

LONGEST = 64
BATCH = 16
LEARNING_RATE = 5e-5
EPOCHS = 2


def is_classifier(folder: Path) -> bool:
    """True for a checkpoint that labels texts already."""
    architectures = json.loads((folder / "config.json").read_text(encoding="utf-8")).get("architectures") or [""]
    return str(architectures[0]).endswith("ForSequenceClassification")


def learn_tags(base: Path, folder: Path, data: Path) -> None:
    """Fine-tune the weights in `base` on dataset.csv of `data`, say how many tags of holdout.csv are right, and save.

    Raises AssertionError if fewer than three quarters are, so that no trial runs on weights that learnt nothing.
    """
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    torch.manual_seed(1)
    learnt, held_out = (_texts(data / name) for name in ("dataset.csv", "holdout.csv"))
    labels = sorted({label for _, label in learnt})
    tokenizer = AutoTokenizer.from_pretrained(base)
    names = dict(enumerate(labels))
    model = AutoModelForSequenceClassification.from_pretrained(
        base, id2label=names, label2id={label: number for number, label in names.items()}
    )

    def logits(rows: list[tuple[str, str]]) -> torch.Tensor:
        read = tokenizer(
            [text for text, _ in rows], padding=True, truncation=True, max_length=LONGEST, return_tensors="pt"
        )
        return model(**read).logits

    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE)
    model.train()
    for _ in range(EPOCHS):
        order = torch.randperm(len(learnt)).tolist()
        for first in range(0, len(order), BATCH):
            rows = [learnt[place] for place in order[first : first + BATCH]]
            wanted = torch.tensor([labels.index(label) for _, label in rows])
            loss = torch.nn.functional.cross_entropy(logits(rows), wanted)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.inference_mode():
        found = [labels[place] for row in held_out for place in logits([row]).argmax(dim=1).tolist()]
    right = sum(ours == label for ours, (_, label) in zip(found, held_out, strict=True)) / len(held_out)
    print(f"{base.name}: {right:.3f} of {len(held_out)} tags are right")
    assert right > 0.75
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _texts(path: Path) -> list[tuple[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return [(f"{row['title']}. {row['description']}", row["tag"]) for row in csv.DictReader(lines)]
