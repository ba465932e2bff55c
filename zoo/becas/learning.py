"""The tasks that the small Longformer learns by: the answer, and three easier ones whose heads are dropped later."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from zoo.becas.attention import BLOCKED
from zoo.becas.features import IGNORED, Targets
from zoo.becas.model import Batch, hidden_states


class Learner(nn.Module):
    """The model with its helpers: which fact a token belongs to and which fact is asked, read off half of the
    layers; and whether a token is part of the answer, read off the last.
    """

    def __init__(self, model: Any, facts: int) -> None:
        super().__init__()
        width = model.config.hidden_size
        self.model = model
        self.tagged = nn.Linear(width, facts + 1)
        self.asked = nn.Linear(width, facts + 1)
        self.inside = nn.Linear(width, 1)

    def forward(self, batch: Batch, targets: Targets, *, helping: float) -> Tensor:
        """The loss; `helping` weighs the easier tasks."""
        middle, last = hidden_states(self.model, batch)
        start, end = self.logits(last, batch, targets.facts)
        loss = functional.cross_entropy(start, targets.start) + functional.cross_entropy(end, targets.end)
        if not helping:
            return loss
        tags = functional.cross_entropy(
            self.tagged(middle).float().flatten(0, 1), targets.facts.flatten(), ignore_index=IGNORED
        )
        asked = functional.cross_entropy(self.asked(middle[:, 0]).float(), targets.asked)
        place = torch.arange(batch.ids.shape[1])
        within = (place >= targets.start[:, None]) & (place <= targets.end[:, None])
        is_context = targets.facts != IGNORED
        inside = functional.binary_cross_entropy_with_logits(
            self.inside(last)[..., 0].float()[is_context], within[is_context].float(), pos_weight=torch.tensor(4.0)
        )
        return loss + helping * (tags + asked + inside)

    def logits(self, states: Tensor, batch: Batch, facts: Tensor) -> tuple[Tensor, Tensor]:
        """Scores [batch, sequence] of the answer's first and last token, of the context and of token 0: no answer."""
        logits = self.model.qa_outputs(states).float()
        is_candidate = facts != IGNORED
        is_candidate[:, 0] = True
        blocked = logits.masked_fill(~is_candidate[..., None], BLOCKED)
        return blocked[..., 0], blocked[..., 1]

    @torch.no_grad()
    def answers(self, batch: Batch, targets: Targets, *, longest: int) -> list[tuple[int, int]]:
        """First and last token of the best answer of each row, (0, 0) for none."""
        start, end = self.logits(hidden_states(self.model, batch)[1], batch, targets.facts)
        length = start.shape[1]
        reach = torch.ones(length, length, dtype=torch.bool).triu().tril(longest - 1)
        found = []
        for row in range(len(start)):
            scores = (start[row, :, None] + end[row, None]).masked_fill(~reach, BLOCKED)
            scores[0, 1:] = BLOCKED
            best = int(scores.argmax())
            found.append(divmod(best, length))
        return found
