"""python -m zoo.becas.train --base DIR --course NAME --steps N --squad FILE... [--pages FILE...] --out DIR

One stage of the training of `becas`. It goes on from the checkpoint in DIR if there is one: the same arguments give the
same weights, interrupted or not. A checkpoint of other arguments is refused.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from zoo.becas import written
from zoo.becas.courses import COURSES, Read, batches_of
from zoo.becas.reading import held_out_of, learnt_of, read_squad
from zoo.becas.windows import Learnt, collate

STATE = "state.pt"
TOKENIZER = "tokenizer.json"
BASE_FILES = ("model.safetensors", TOKENIZER)
WARM_UP = 0.06
GRADIENT_NORM = 1.0
FROZEN = 4
"""Lower layers that stay as they are: a third of the time, and the words of Spanish that they know."""
HEAD_FACTOR = 5
"""The head begins at random, and learns so many times as fast."""
BARRED = -1e4
IN_BFLOAT16 = torch.cpu.get_capabilities().get("avx512_bf16", False)
"""Whether the processor multiplies bfloat16: to imitate that takes twenty times as long as float32."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`steps` are those of the optimizer; a checkpoint is written after every `save_every` of them.

    The embeddings and the first `frozen` layers stay as they are.
    """

    base: Path
    out: Path
    course: str
    steps: int
    rate: float
    batch_tokens: int
    seed: int
    save_every: int
    frozen: int = FROZEN


class Training:
    """The model, its optimizer, and how many steps are over; `origin` is the digest of all that these depend on."""

    def __init__(self, plan: Plan, origin: str = "") -> None:
        from transformers import BertForQuestionAnswering

        self._plan = plan
        self._origin = origin
        self.model: Any = BertForQuestionAnswering.from_pretrained(
            plan.base, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0
        )
        for part in (self.model.bert.embeddings, *self.model.bert.encoder.layer[: plan.frozen]):
            part.requires_grad_(False)
        self.model.train()
        head = list(self.model.qa_outputs.parameters())
        body = [one for one in self.model.bert.parameters() if one.requires_grad]
        self._learning = [*body, *head]
        self._optimizer = torch.optim.AdamW(
            [{"params": body, "factor": 1}, {"params": head, "factor": HEAD_FACTOR}],
            lr=plan.rate,
            betas=(0.9, 0.98),
            weight_decay=0.01,
        )
        self.step = 0

    def learn(self, rows: Sequence[Learnt]) -> float:
        """One step; the loss."""
        rate = self._plan.rate * rate_factor(self.step / self._plan.steps)
        for group in self._optimizer.param_groups:
            group["lr"] = rate * group["factor"]
        loss = loss_of(self.model, rows)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._learning, GRADIENT_NORM)
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        self.step += 1
        return float(loss.detach())

    def save(self) -> None:
        """Write the checkpoint in one step: a process that is killed leaves the one before."""
        written = self._plan.out / f"{STATE}.new"
        state = {"step": self.step, "model": self.model.state_dict(), "optimizer": self._optimizer.state_dict()}
        torch.save({"origin": self._origin, **state}, written)
        os.replace(written, self._plan.out / STATE)

    def resume(self) -> None:
        """Go on from the checkpoint, if there is one. Raises ValueError for one of another origin."""
        path = self._plan.out / STATE
        if path.exists():
            state = torch.load(path, weights_only=True)
            if state["origin"] != self._origin:
                raise ValueError(
                    f"{path} is of a training from another base, of other texts or other arguments: remove it, or name "
                    "another folder"
                )
            self.step = state["step"]
            self.model.load_state_dict(state["model"])
            self._optimizer.load_state_dict(state["optimizer"])


def loss_of(model: Any, rows: Sequence[Learnt]) -> Tensor:
    """Cross entropy of the answer's first and last token, over the tokens that may be one."""
    batch = collate(rows)
    with torch.autocast("cpu", torch.bfloat16, enabled=IN_BFLOAT16):
        found = model(input_ids=batch.ids, attention_mask=batch.is_token)
    start = found.start_logits.float().masked_fill(batch.barred, BARRED)
    end = found.end_logits.float().masked_fill(batch.barred, BARRED)
    return (functional.cross_entropy(start, batch.start) + functional.cross_entropy(end, batch.end)) / 2


def rate_factor(over: float) -> float:
    """The factor of the learning rate: up in the first steps, then down in a line to nothing."""
    return min(over / WARM_UP + 1e-3, (1 - over) / (1 - WARM_UP))


def origin_of(plan: Plan, read: Read) -> str:
    """The digest of the base, the texts and the arguments that decide on the weights."""
    arguments = (plan.course, COURSES[plan.course], plan.steps, plan.rate, plan.batch_tokens, plan.seed, plan.frozen)
    digest = hashlib.sha256(repr((arguments, read)).encode())
    for name in BASE_FILES:
        digest.update((plan.base / name).read_bytes())
    return digest.hexdigest()


def train(plan: Plan, read: Read) -> Any:
    """The trained model, which is in the folder `out` too."""
    from transformers import PreTrainedTokenizerFast

    plan.out.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer.from_file(str(plan.base / TOKENIZER))
    training = Training(plan, origin_of(plan, read))
    training.resume()
    stream = batches_of(tokenizer, COURSES[plan.course], read, plan.seed, plan.batch_tokens)
    losses: list[float] = []
    began = time.monotonic()
    for rows in itertools.islice(stream, training.step, plan.steps):
        losses.append(training.learn(rows))
        if training.step % 20 == 0:
            pace = (time.monotonic() - began) / len(losses)
            left = pace * (plan.steps - training.step) / 60
            recent = sum(losses[-20:]) / len(losses[-20:])
            print(f"step {training.step} of {plan.steps}  loss {recent:.3f}  {left:.0f} minutes left", flush=True)
        if training.step % plan.save_every == 0:
            training.save()
    training.save()
    training.model.save_pretrained(plan.out)
    PreTrainedTokenizerFast.from_pretrained(plan.base).save_pretrained(plan.out)
    return training.model


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", type=Path, required=True, help="checkpoint to begin with")
    parser.add_argument("--course", choices=COURSES, required=True)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--squad", type=Path, nargs="+", required=True, help="the first one's last questions are kept")
    parser.add_argument("--pages", type=Path, nargs="+", default=[], help="files of written pages, for their course")
    parser.add_argument("--out", type=Path, required=True, help="folder of this stage's checkpoint")
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--batch-tokens", type=int, default=2304)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--save-every", type=int, default=120)
    parser.add_argument("--frozen", type=int, default=FROZEN, help=f"lower layers that stay (default {FROZEN})")
    parser.add_argument("--threads", type=int, default=1)
    given = vars(parser.parse_args(arguments))
    torch.set_num_threads(given.pop("threads"))
    squad = [read_squad(path) for path in given.pop("squad")]
    read = Read(learnt_of(squad, held_out_of(squad[0])), written.learnt_of(given.pop("pages")))
    train(Plan(**given), read)


if __name__ == "__main__":
    main()
