"""What a client would rather read, by its Accept header (RFC 9110, section 12.5.1)."""

from __future__ import annotations

HTML = "text/html"
JSON_RANGES = ("application/json", "application/*", "*/*")
"""The ranges that include JSON, the closest first."""


def prefers_html(accept: str) -> bool:
    """Whether a client names text/html, and before JSON: browsers do, programs ask for anything (`*/*`) or for JSON."""
    weights: dict[str, tuple[float, int]] = {}
    for place, part in enumerate(accept.lower().split(",")):
        name, _, parameters = part.partition(";")
        # of two ranges with one weight the first counts
        weights.setdefault(name.strip(), (_weight(parameters), -place))
    html = weights.get(HTML, (0.0, 0))
    json = next((weights[name] for name in JSON_RANGES if name in weights), (0.0, 0))
    return html[0] > 0 and html > json


def _weight(parameters: str) -> float:
    """The q of a range, 1 without one, and 0 for what is no number."""
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            digits = value.strip()
            return float(digits) if digits.replace(".", "", 1).isdecimal() else 0.0
    return 1.0
