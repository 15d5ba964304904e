"""Rows for spreadsheets: CSV in which no cell is taken for a formula."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO

BYTE_ORDER_MARK = "\ufeff"  # without it, spreadsheets take UTF-8 for something else
# What spreadsheets take for a formula, also in full-width letters: https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def harmless(value: str | int | None) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    dangerous = isinstance(value, str) and (text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA))
    return f"'{text}" if dangerous else text


def row(values: Sequence[str]) -> str:
    """One line of cells that are harmless."""
    line = StringIO()
    csv.writer(line).writerow(values)
    return line.getvalue()
