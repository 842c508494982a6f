"""What an export has written, and what it left out and why."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class ExportReport:
    """How much of each table was written, in how many files, and what was not.

    ``rows`` counts by table, in CSV its rows and else its objects. ``lost`` counts the values that
    are not what their field is for (no web address, no e-mail address, no number), by table and
    field; where a record cannot be without it, the record is not there and in ``without``.
    """

    files: int = 0
    rows: Counter[str] = field(default_factory=Counter)
    hidden_places: int = 0
    merged: int = 0
    reports_over: int = 0
    lost: Counter[tuple[str, str]] = field(default_factory=Counter)
    without: Counter[str] = field(default_factory=Counter)

    def left_out(self) -> list[str]:
        """Say in sentences what is not in the export and why."""
        found = []
        if self.hidden_places:
            found.append(
                f"{self.hidden_places} places are not public: the export says that they exist, "
                "and nothing that could tell where."
            )
        if self.merged:
            found.append(f"{self.merged} records were merged into others and are part of those.")
        if self.reports_over:
            found.append(
                f"{self.reports_over} reports of openings are over, replaced or without a number."
            )
        for (table, name), times in sorted(self.lost.items()):
            found.append(f"{times} values of {table}.{name} are not what the field is for.")
        for table, times in sorted((+self.without).items()):
            found.append(f"{times} records of {table} lack what they cannot be without.")
        return found
