"""Lines over steps, drawn as SVG."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT, LEFT, TOP, GAP = 720, 240, 64, 40, 64
RIGHT = 16
COLOURS = ("#1f5fa8", "#c2571a")
FLAT = 1e-12
"""Values no further apart, in proportion, are drawn as one."""
TICKS = 5
LARGEST_DOTTED = 40
"""A line of more points shows them well enough without dots."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Line:
    """`points` are (step, value)."""

    label: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Panel:
    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Scale:
    """From values `low` to `high` to pixels `start` to `end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def ticks(self) -> list[float]:
        """Round numbers, about TICKS of them."""
        rough = (self.high - self.low) / TICKS
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [number * step for number in range(first, last + 1)]


def picture(title: str, panels: Sequence[Panel]) -> str:
    """An SVG document of the panels that have a finite point, one below the other over the same steps."""
    drawn = [panel for panel in map(_finite, panels) if any(line.points for line in panel.lines)]
    last = max((step for panel in drawn for line in panel.lines for step, _ in line.points), default=1.0)
    steps = Scale(0.0, max(last, 1.0), LEFT, WIDTH - RIGHT)
    parts = [part for place, panel in enumerate(drawn) for part in _panel(panel, steps, TOP + place * (HEIGHT + GAP))]
    height = TOP + len(drawn) * (HEIGHT + GAP)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
            f'height="{height}" font-family="sans-serif" font-size="12">',
            f"<title>{escape(title)}</title>",
            f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
            *parts,
            "</svg>\n",
        ]
    )


def _finite(panel: Panel) -> Panel:
    return Panel(
        panel.title,
        tuple(Line(line.label, tuple(one for one in line.points if math.isfinite(one[1]))) for line in panel.lines),
    )


def _panel(panel: Panel, steps: Scale, top: float) -> Iterator[str]:
    values = _values(panel, top)
    yield _text(LEFT, top - 12, panel.title, "font-weight='bold'")
    for value in values.ticks():
        height = values(value)
        yield f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{height:.1f}" y2="{height:.1f}" stroke="#ddd"/>'
        yield _text(LEFT - 6, height + 4, f"{value:g}", "text-anchor='end'")
    for step in (one for one in steps.ticks() if one.is_integer()):
        yield _text(steps(step), top + HEIGHT + 18, f"{step:.0f}", "text-anchor='middle'")
    yield _text(WIDTH - RIGHT, top + HEIGHT + 34, "step", "text-anchor='end'")
    for number, line in enumerate(panel.lines):
        if line.points:
            yield from _line(line, COLOURS[number % len(COLOURS)], steps, values)
            yield _text(WIDTH - RIGHT - 100 * number, top - 12, line.label, f"text-anchor='end' {_fill(number)}")


def _values(panel: Panel, top: float) -> Scale:
    """From 0, as losses and percentages have it, to the largest value."""
    found = [value for line in panel.lines for _, value in line.points]
    low, high = min(0.0, *found), max(0.0, *found)
    is_flat = high - low <= FLAT * max(1.0, abs(low), abs(high))
    return Scale(low, low + 1.0 if is_flat else high, top + HEIGHT, top)


def _line(line: Line, colour: str, steps: Scale, values: Scale) -> Iterator[str]:
    places = [(steps(step), values(value)) for step, value in line.points]
    path = " ".join(f"{across:.1f},{down:.1f}" for across, down in places)
    yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
    if len(places) <= LARGEST_DOTTED:
        yield from (f'<circle cx="{across:.1f}" cy="{down:.1f}" r="2.5" fill="{colour}"/>' for across, down in places)


def _text(across: float, down: float, text: str, style: str) -> str:
    return f'<text x="{across:.1f}" y="{down:.1f}" {style}>{escape(text)}</text>'


def _fill(number: int) -> str:
    return f"fill='{COLOURS[number % len(COLOURS)]}'"
