"""python -m zoo.becas.train --out DIR: the small Longformer of `becas`, from nothing, on pages made while it learns.

One process for each core, each with pages of its own; their gradients are added up in every step, so the weights
are the same in all. The same arguments and the same number of processes give the same weights.
"""

from __future__ import annotations

import argparse
import itertools
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import distributed
from torch.multiprocessing.spawn import spawn

from zoo.becas.batches import QUESTIONS_A_PAGE, Lessons
from zoo.becas.corpus import pages
from zoo.becas.facts import facts
from zoo.becas.features import collate
from zoo.becas.learning import Learner
from zoo.becas.measuring import evaluation_set, measure
from zoo.becas.model import MAX_TOKENS, SPECIAL_TOKENS, build_model, load_model
from zoo.becas.spoiling import spoilt
from zoo.becas.tokenizer import train_tokenizer
from zoo.draws import Draws

TOKENIZER_PAGES = 3_000
WARM_UP = 0.03
GRADIENT_NORM = 1.0
MEETING = "meeting"
"""The file in which the processes find each other."""
TRAINED_ON = ("core", "train")
MEASURED = ("seen", "unseen")


@dataclass(frozen=True, slots=True)
class Plan:
    """`steps` are those of the optimizer."""

    out: Path
    start: Path | None
    split: str
    steps: int
    processes: int
    seed: int
    learning_rate: float
    evaluate_every: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder of the checkpoint")
    parser.add_argument("--start", type=Path, help="folder of a checkpoint to go on from (default: fresh weights)")
    parser.add_argument("--split", choices=TRAINED_ON, default="train", help="core: a few wordings of each fact")
    parser.add_argument("--steps", type=int, default=3_600)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--learning-rate", type=float, default=8e-4)
    parser.add_argument("--evaluate-every", type=int, default=900, help="steps")
    plan = Plan(**vars(parser.parse_args()))
    plan.out.mkdir(parents=True, exist_ok=True)
    tokenizer = _tokenizer(plan)
    tokenizer.save(str(plan.out / "tokenizer.json"))
    (plan.out / MEETING).unlink(missing_ok=True)  # of a training that was ended: nobody would come to it
    spawn(train, (plan,), nprocs=plan.processes)  # type: ignore[no-untyped-call]


def train(rank: int, plan: Plan) -> None:
    """One of the processes; the first one measures, tells and saves."""
    torch.set_num_threads(1)
    torch.manual_seed(plan.seed)
    if plan.processes > 1:
        meeting = plan.out.resolve() / MEETING
        distributed.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=plan.processes)
    tokenizer = Tokenizer.from_file(str(plan.out / "tokenizer.json"))
    model = load_model(plan.start) if plan.start else build_model(tokenizer.get_vocab_size())
    learner = Learner(model, len(facts()))
    optimizer = torch.optim.AdamW(learner.parameters(), lr=plan.learning_rate, betas=(0.9, 0.98), weight_decay=0.01)
    torch.manual_seed(plan.seed + 1 + rank)
    draws = Draws(plan.seed * 1000 + rank)
    lessons = Lessons(tokenizer, plan.split, plan.seed * 1000 + rank, draws)
    measured = {split: evaluation_set(tokenizer, split) for split in MEASURED} if rank == 0 else {}
    began, losses = time.monotonic(), []
    for step in range(plan.steps):
        over = step / plan.steps
        for group in optimizer.param_groups:
            group["lr"] = plan.learning_rate * _rate(over)
        batch, targets = collate(lessons.next(over), draws)
        batch = replace(batch, ids=spoilt(batch.ids, batch.is_global))
        with torch.autocast("cpu", torch.bfloat16):
            loss = learner(batch, targets, helping=1.0 if over < 0.75 else 0.3)
        optimizer.zero_grad()
        loss.backward()
        _share_gradients(learner, plan.processes)
        torch.nn.utils.clip_grad_norm_(learner.parameters(), GRADIENT_NORM)
        optimizer.step()
        losses.append(float(loss.detach()))
        if rank == 0 and ((step + 1) % plan.evaluate_every == 0 or step + 1 == plan.steps):
            _tell(plan, step + 1, losses[-100:], time.monotonic() - began, learner, measured)
            _save(learner.model, tokenizer, plan.out)
    if plan.processes > 1:
        distributed.destroy_process_group()


def _share_gradients(learner: Learner, processes: int) -> None:
    if processes == 1:
        return
    gradients = [one.grad for one in learner.parameters() if one.grad is not None]
    flat = torch.cat([one.flatten() for one in gradients]) / processes
    distributed.all_reduce(flat)
    for gradient, part in zip(gradients, torch.split(flat, [one.numel() for one in gradients]), strict=True):
        gradient.copy_(part.view_as(gradient))


def _rate(over: float) -> float:
    """The factor of the learning rate: up in the first steps, then down along a cosine."""
    return min(1.0, (over + 1e-3) / WARM_UP) * (0.5 + 0.5 * math.cos(math.pi * over))


def _tokenizer(plan: Plan) -> Tokenizer:
    if plan.start is not None:
        return Tokenizer.from_file(str(plan.start / "tokenizer.json"))
    return train_tokenizer(_page_texts(plan))


def _page_texts(plan: Plan) -> Iterator[str]:
    for asked in itertools.islice(pages(plan.seed, plan.split, questions=QUESTIONS_A_PAGE), TOKENIZER_PAGES):
        yield asked.page.text
        yield from (one.text for one in asked.questions)


def _tell(
    plan: Plan,
    step: int,
    losses: Sequence[float],
    seconds: float,
    learner: Learner,
    measured: dict[str, Any],
) -> None:
    left = seconds / step * (plan.steps - step)
    figures = "  ".join(
        f"{kind}: " + " ".join(f"{name} {value:.1f}" for name, value in measure(learner, questions).items())
        for kind, questions in measured.items()
    )
    line = f"step {step} of {plan.steps}  loss {sum(losses) / len(losses):.3f}  {figures}  {left / 60:.0f} minutes left"
    print(line, flush=True)
    with (plan.out / "log.txt").open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def _save(model: Any, tokenizer: Tokenizer, out: Path) -> None:
    from transformers import LongformerTokenizerFast

    bos, pad, eos, unknown, mask = SPECIAL_TOKENS
    model.save_pretrained(out)
    LongformerTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        model_max_length=MAX_TOKENS,
        bos_token=bos,
        pad_token=pad,
        eos_token=eos,
        sep_token=eos,
        cls_token=bos,
        unk_token=unknown,
        mask_token=mask,
    ).save_pretrained(out)


if __name__ == "__main__":
    main()
