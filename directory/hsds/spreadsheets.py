"""What spreadsheets would run instead of showing: text in CSV that begins like a formula.

Such a text gets an apostrophe in front when it goes out, and loses it again when it comes in.
Only text does: a number that begins with a minus stays a number.
"""

import re
from typing import Final

#: The beginning of a formula in the programs that people open CSV with, and its full-width
#: twins; apostrophes before it, because one more of them has to come off again as one.
_FORMULA: Final = re.compile(r"'*(?:\s*[=+\-@＝＋－＠]|[\t\r])")  # noqa: RUF001  (the twins)


def guard_formula(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguard_formula(cell: str) -> str:
    """Return the text that ``guard_formula`` was given."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
