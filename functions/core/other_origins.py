"""Rules of CORS for pages of other origins: the same for the API Gateway and for a laptop."""

from __future__ import annotations

import re

ORIGIN = re.compile(r"https?://[a-z0-9.-]+(?::[0-9]{1,5})?")
"""An origin as browsers write it: without a path, a slash at the end or capitals."""
SENT_HEADERS = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "Prefer",
    # @huggingface/inference sets User-Agent, which Firefox and Safari ask for before they send it
    "User-Agent",
    "X-Use-Cache",
    "X-Wait-For-Model",
)
"""Request headers that a page may send; what CORS always lets through is not listed."""
READ_HEADERS = ("Location", "Retry-After", "X-Compute-Type", "X-Model-Version")
"""Response headers that a page may read."""
PREFLIGHT_SECONDS = 3600
"""The time for which a browser keeps the answer to its question whether it may send a request."""
