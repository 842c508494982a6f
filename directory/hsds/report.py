"""The account of an import: what was read, written, mended and refused, and why."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, NamedTuple, TypeVar

#: How much of a value a report repeats, and how many lines of each kind it keeps. The counts
#: are always true.
LONGEST_VALUE: Final = 80
_MOST_FINDINGS: Final = 5_000
#: Fields of other tables than the addresses that say where a place is, or may.
_TELL_WHERE: Final = frozenset(
    {"latitude", "longitude", "coordinates", "transportation", "description", "location_id"}
)


class Finding(NamedTuple):
    """One thing to know about a row: where it stands, what it said, and what we made of it."""

    table: str
    file: str
    line: int
    field: str
    value: str
    reason: str


class Mend(Finding):
    """A value that was put right, or left out of a row that can do without it."""

    __slots__ = ()


class Refusal(Finding):
    """A row that was not taken, because of one value in it."""

    __slots__ = ()


_F = TypeVar("_F", Mend, Refusal)


@dataclass(slots=True)
class Counts:
    """The account of one table.

    Rows of the source: ``read``, and of those ``mended``, ``refused`` or ``passed_over`` (a
    closed day, a twin of another row: nothing to keep and nothing wrong). Records of ours:
    ``added``, ``changed``, ``unchanged``, and ``gone`` from the source; ``stand_ins`` of them
    were made because the source names something that it does not have.
    """

    read: int = 0
    mended: int = 0
    refused: int = 0
    passed_over: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    gone: int = 0
    stand_ins: int = 0

    @property
    def written(self) -> int:
        """How many records are new or different."""
        return self.added + self.changed


class Gone(NamedTuple):
    """What became of a table's records that the source no longer has."""

    table: str
    records: int
    became: str


class ReasonRow(NamedTuple):
    """Findings of one kind together, for a table on a screen."""

    kind: str
    file: str
    field: str
    reason: str
    times: int
    first_line: int
    example: str


@dataclass(slots=True)
class ImportReport:
    """What an import did, or in a ``dry_run`` would do, or why it was refused whole.

    ``notes`` are about whole files, ``held_back`` are places' names.
    """

    source: str
    counts: dict[str, Counts] = field(default_factory=dict)
    mends: list[Mend] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    gone: list[Gone] = field(default_factory=list)
    held_back: list[str] = field(default_factory=list)
    dry_run: bool = False
    refused_because: str = ""
    notes: list[tuple[str, str]] = field(default_factory=list)
    services_refreshed: int = 0
    _mended_lines: dict[tuple[str, str], bytearray] = field(default_factory=dict, repr=False)

    def of(self, table: str) -> Counts:
        """Return the counts of a table, to read or to raise."""
        return self.counts.setdefault(table, Counts())

    def mend(self, mend: Mend) -> None:
        """Remember what was mended, and count its row once."""
        if self._is_first(mend):
            self.of(mend.table).mended += 1
        if len(self.mends) < _MOST_FINDINGS:
            self.mends.append(mend._replace(value=shortened(mend.value)))

    def _is_first(self, mend: Mend) -> bool:
        """Say whether no other value of the row was mended; one bit remembers it."""
        lines = self._mended_lines.setdefault((mend.table, mend.file), bytearray())
        byte, bit = divmod(mend.line, 8)
        lines.extend(bytes(max(0, byte + 1 - len(lines))))
        was_mended = lines[byte] >> bit & 1
        lines[byte] |= 1 << bit
        return not was_mended

    def refuse(self, refusal: Refusal) -> None:
        """Remember and count a row that was not taken."""
        self.of(refusal.table).refused += 1
        if len(self.refusals) < _MOST_FINDINGS:
            self.refusals.append(refusal._replace(value=shortened(refusal.value)))

    def forget_values(self, places: Iterable[tuple[str, int]]) -> None:
        """Blank the values that were repeated from some rows, given as (file, line)."""
        hidden = set(places)
        self.mends = [_blanked(mend, hidden) for mend in self.mends]
        self.refusals = [_blanked(refusal, hidden) for refusal in self.refusals]

    def tell_gone(self, gone: Gone) -> None:
        """Remember what became of records, together with others of the same fate."""
        for at, other in enumerate(self.gone):
            if (other.table, other.became) == (gone.table, gone.became):
                self.gone[at] = other._replace(records=other.records + gone.records)
                return
        self.gone.append(gone)

    def forget_words(self, streets: Iterable[str]) -> None:
        """Blank the values that have one of some streets in them."""
        wanted = [" ".join(street.casefold().split()) for street in streets]

        def told(value: str) -> bool:
            folded = value.casefold()
            return any(street in folded for street in wanted)

        self.mends = [each._replace(value="") if told(each.value) else each for each in self.mends]
        self.refusals = [
            each._replace(value="") if told(each.value) else each for each in self.refusals
        ]

    def to_dict(self, *, is_kept: bool = False) -> dict[str, Any]:
        """Return everything as plain data for JSON.

        Where it ``is_kept``, in the database say, no value is in it that says where a place is:
        a place that is public now may be closed one day.
        """
        if is_kept:
            return replace(
                self,
                mends=[_without_where(mend) for mend in self.mends],
                refusals=[_without_where(refusal) for refusal in self.refusals],
            ).to_dict()
        return {
            "source": self.source,
            "dry_run": self.dry_run,
            "refused_because": self.refused_because,
            "counts": {
                table: {**asdict(counts), "written": counts.written}
                for table, counts in self.counts.items()
            },
            "mends": [mend._asdict() for mend in self.mends],
            "refusals": [refusal._asdict() for refusal in self.refusals],
            "gone": [gone._asdict() for gone in self.gone],
            "held_back": list(self.held_back),
            "notes": [{"file": file, "note": note} for file, note in self.notes],
            "services_refreshed": self.services_refreshed,
        }

    def count_rows(self) -> list[tuple[str, Counts]]:
        """Return a line for each table that anything happened to."""
        return [(table, counts) for table, counts in self.counts.items() if counts != Counts()]

    def reason_rows(self) -> list[ReasonRow]:
        """Return refusals and mends together by file, field and reason; most frequent first."""
        return [*_by_reason("refused", self.refusals), *_by_reason("mended", self.mends)]


def shortened(value: str) -> str:
    """Return a value on one line and no longer than a report repeats it."""
    words = " ".join(value.split())
    return words if len(words) <= LONGEST_VALUE else f"{words[: LONGEST_VALUE - 1]}\u2026"


def _blanked(finding: _F, hidden: set[tuple[str, int]]) -> _F:
    return finding._replace(value="") if (finding.file, finding.line) in hidden else finding


def _without_where(finding: _F) -> _F:
    tells = finding.table == "address" or finding.field in _TELL_WHERE
    return finding._replace(value="") if tells else finding


def _by_reason(kind: str, findings: Iterable[Finding]) -> list[ReasonRow]:
    counts = Counter[tuple[str, str, str]]()
    first: dict[tuple[str, str, str], Finding] = {}
    for finding in findings:
        key = finding.file, finding.field, finding.reason
        counts[key] += 1
        first.setdefault(key, finding)
    return [
        ReasonRow(kind, *key, count, first[key].line, first[key].value)
        for key, count in counts.most_common()
    ]
