"""The reader of csv for cells of any length, whose file is limited as a whole.

The limit of csv is one of the process, 131,072 characters by itself. Rows are read with the readers from here.
"""

from __future__ import annotations

import csv

LONGEST_CELL = 2**31 - 1

csv.field_size_limit(LONGEST_CELL)
csv_reader = csv.reader
csv_dict_reader = csv.DictReader
