"""Tables of visits, with a column of every type and markup as names and levels, and of orders, with two targets."""

from __future__ import annotations

import csv
import random
from pathlib import Path

MARKUP = "<img src=x onerror=document.title='broken'>"
SCRIPT = "<script>document.title='broken'</script>"
RIGHT_TO_LEFT = "\u202eabc \u2067def"
HEADER = ("arrived", "booked_at", "rooms", "price", "smoker", MARKUP, "barrio", "stays")


def write_visits(path: Path, rows: int = 240) -> Path:
    """The table as a spreadsheet of Spain writes it: semicolons, and commas before decimals."""
    chance = random.Random(1)
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, delimiter=";")
        table.writerow(HEADER)
        for _ in range(rows):
            day = f"2024-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}"
            rooms, price = chance.randint(1, 6), round(chance.uniform(20, 200), 2)
            table.writerow(
                (
                    day,
                    f"{day}T{chance.randint(0, 23):02d}:15:00",
                    rooms,
                    str(price).replace(".", ","),
                    chance.choice(("true", "false")),
                    chance.choice(("uno", "dos")),
                    chance.choice((SCRIPT, "Lavapiés", RIGHT_TO_LEFT)),
                    "yes" if price + 10 * rooms > 110 + chance.uniform(-20, 20) else "no",
                )
            )
    return path


def write_orders(path: Path, rows: int = 160) -> Path:
    """A table with two labels to predict, `late` and `size`."""
    chance = random.Random(2)
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(("kilometres", "items", "late", "size"))
        for _ in range(rows):
            kilometres, items = round(chance.uniform(1, 90), 1), chance.randint(1, 30)
            late = kilometres + chance.uniform(-10, 10) > 50
            size = "small" if items < 10 else "medium" if items < 20 else "large"
            table.writerow((kilometres, items, "yes" if late else "no", size))
    return path
