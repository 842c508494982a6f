"""The form that publishes a window: what it asks for, and the draft that it describes."""

import re
from collections.abc import Mapping
from datetime import date, time
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from msgspec import Meta, field

from api.pages.forms import read_typed
from api.schemas.shapes import ClockTime, Request
from directory.errors import DomainError, FieldError, InvalidError
from scheduling.drafts import WindowDraft
from scheduling.models.windows import Approval, BookableBy
from scheduling.schedule import AddedDay

Hours = Annotated[int, Meta(ge=0, le=720)]

LONGEST_DOCUMENT = 120
MOST_DOCUMENTS = 20
MINUTES = 60

_ADDED = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[\s,]+(?P<opens>[0-9]{2}:[0-9]{2})\s*(?:-|\u2013|to)\s*(?P<closes>[0-9]{2}:[0-9]{2}))?"
)

#: What the API calls a field, and where the form asks for it.
FORM_FIELDS = {
    "pattern": "freq",
    "pattern.freq": "freq",
    "pattern.until": "until",
    "pattern.byday": "days",
    "notice_minutes": "notice_hours",
    "cancel_cutoff_minutes": "cancel_cutoff_hours",
    "timezone": "service_at_location_id",
    "partner_organization_ids": "partners",
}


F = TypeVar("F", bound="WindowForm")


class WindowForm(Request):
    """The fields. ``which`` is the week of the month, ``key`` makes pressing twice publish once."""

    service_at_location_id: UUID
    title: Annotated[str, Meta(max_length=120)]
    opens_at: ClockTime
    closes_at: ClockTime
    starts_on: date
    freq: Literal["once", "DAILY", "WEEKLY", "MONTHLY"] = "WEEKLY"
    interval: Annotated[int, Meta(ge=1, le=52)] = 1
    days: list[Literal["MO", "TU", "WE", "TH", "FR", "SA", "SU"]] = field(default_factory=list)
    which: Literal["1", "2", "3", "4", "-1"] | None = None
    until: date | None = None
    count: Annotated[int, Meta(ge=1, le=400)] | None = None
    slot_minutes: Annotated[int, Meta(ge=5, le=1440)] = 30
    gap_minutes: Annotated[int, Meta(ge=0, le=1440)] = 0
    capacity: Annotated[int, Meta(ge=1, le=500)] = 1
    notice_hours: Hours = 0
    horizon_days: Annotated[int, Meta(ge=1, le=548)] = 90
    cancel_cutoff_hours: Hours = 0
    bookable_by: BookableBy = BookableBy.PARTNERS
    approval: Approval = Approval.AUTOMATIC
    partners: Annotated[list[UUID], Meta(max_length=100)] = field(default_factory=list)
    documents: str = ""
    instructions: Annotated[str, Meta(max_length=1000)] | None = None
    closed_on: Annotated[list[date], Meta(max_length=400)] = field(default_factory=list)
    added_on: str = ""
    key: UUID | None = None
    do: Literal["preview", "publish"] = "preview"

    @property
    def documents_listed(self) -> list[str]:
        """The documents, one from each line that has one."""
        return _lines(self.documents)

    @property
    def added_days(self) -> list[AddedDay]:
        """The added days, one from each line that has one."""
        return [day for line in _lines(self.added_on) if (day := _added_day(line)) is not None]

    def draft(self, timezone: str) -> WindowDraft:
        """Return the window that the form describes, by the clock of its place."""
        once = self.freq not in ("DAILY", "WEEKLY", "MONTHLY")
        return WindowDraft(
            service_at_location_id=self.service_at_location_id,
            title=self.title,
            timezone=timezone,
            starts_on=self.starts_on,
            opens_at=time.fromisoformat(self.opens_at),
            closes_at=time.fromisoformat(self.closes_at),
            slot_minutes=self.slot_minutes,
            freq=None if once else self.freq,
            interval=1 if once else self.interval,
            byday=() if once else self._byday(),
            until=None if once else self.until,
            count=None if once else self.count,
            gap_minutes=self.gap_minutes,
            capacity=self.capacity,
            notice_minutes=self.notice_hours * MINUTES,
            horizon_days=self.horizon_days,
            cancel_cutoff_minutes=self.cancel_cutoff_hours * MINUTES,
            bookable_by=self.bookable_by,
            approval=self.approval,
            documents=self.documents_listed,
            instructions=self.instructions,
            partner_organization_ids=self.partners
            if self.bookable_by is BookableBy.PARTNERS
            else (),
            closed_on=self.closed_on,
            added_on=self.added_days,
        )

    def _byday(self) -> list[str]:
        """Return the ticked weekdays; each month, those of one week or of every week."""
        nth = (self.which or "") if self.freq == "MONTHLY" else ""
        return [f"{nth}{day}" for day in self.days]


class EditForm(WindowForm, kw_only=True):
    """The fields of a window that exists, and the version that somebody looked at.

    Its pattern may stay as it is ("same"): not every one can be said in the form.
    """

    freq: Literal["same", "once", "DAILY", "WEEKLY", "MONTHLY"] = "same"  # type: ignore[assignment]
    version: int = 0
    do: Literal["preview", "save"] = "preview"  # type: ignore[assignment]


def copied(draft: WindowDraft) -> dict[str, Any]:
    """Return what the form for a new window like this one is filled with, but for its days."""
    typed = typed_of(draft)
    return {**typed, "freq": _shown_freq(draft), "until": "", "closed_on": "", "added_on": ""}


def typed_of(draft: WindowDraft) -> dict[str, Any]:
    """Return the fields of the form that describes a window, as a browser would send them.

    Its pattern is "same", with the fields that the form has for it filled in besides.
    """
    nth = {day[:-2] for day in draft.byday}
    return {
        "service_at_location_id": str(draft.service_at_location_id),
        "title": draft.title,
        "opens_at": f"{draft.opens_at:%H:%M}",
        "closes_at": f"{draft.closes_at:%H:%M}",
        "starts_on": str(draft.starts_on),
        "freq": "same",
        "interval": str(draft.interval),
        "days": [day[-2:] for day in draft.byday],
        "which": next(iter(nth)) if len(nth) == 1 else "",
        "until": str(draft.until or ""),
        "count": str(draft.count or ""),
        "slot_minutes": str(draft.slot_minutes),
        "gap_minutes": str(draft.gap_minutes),
        "capacity": str(draft.capacity),
        "notice_hours": str(draft.notice_minutes // MINUTES),
        "horizon_days": str(draft.horizon_days),
        "cancel_cutoff_hours": str(draft.cancel_cutoff_minutes // MINUTES),
        "bookable_by": draft.bookable_by.value,
        "approval": draft.approval.value,
        "partners": [str(partner) for partner in draft.partner_organization_ids],
        "documents": "\n".join(draft.documents),
        "instructions": draft.instructions or "",
        "closed_on": "\n".join(str(day) for day in draft.closed_on),
        "added_on": "\n".join(_written(day) for day in draft.added_on),
    }


def _shown_freq(draft: WindowDraft) -> str:
    return draft.freq or "once"


def _written(added: AddedDay) -> str:
    if added.opens_at is None or added.closes_at is None:
        return str(added.day)
    return f"{added.day} {added.opens_at:%H:%M}-{added.closes_at:%H:%M}"


def read_window_form(data: Mapping[str, Any], kind: type[F]) -> F:
    """Make the form of what a browser sent. Raises ``InvalidError`` naming every bad field.

    Closed days come on lines or between commas.
    """
    typed = {name: _as_expected(name, value) for name, value in data.items()}
    mistakes = [
        *_wrong_documents(str(data.get("documents", ""))),
        *_wrong_added_days(str(data.get("added_on", ""))),
    ]
    try:
        form = read_typed(kind, typed)
    except InvalidError as error:
        raise InvalidError([*error.errors, *mistakes]) from None
    if mistakes:
        raise InvalidError(mistakes)
    return form


def _as_expected(name: str, value: Any) -> Any:
    if name == "closed_on":
        return ",".join(re.split(r"[\s,;]+", str(value)))
    return value


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _added_day(line: str) -> AddedDay | None:
    """Read a line such as "2030-07-04", or "2030-07-04 10:00-12:00"; None if it is neither."""
    match = _ADDED.fullmatch(line)
    if match is None:
        return None
    try:
        day = date.fromisoformat(match["day"])
        opens_at, closes_at = (
            time.fromisoformat(at) if at else None for at in (match["opens"], match["closes"])
        )
    except ValueError:
        return None
    return AddedDay(day, opens_at, closes_at)


def _wrong_added_days(text: str) -> list[FieldError]:
    if all(_added_day(line) is not None for line in _lines(text)):
        return []
    return [
        FieldError(
            "added_on", "Write each day as 2030-07-04, or 2030-07-04 10:00-12:00, one a line."
        )
    ]


def _wrong_documents(text: str) -> list[FieldError]:
    lines = _lines(text)
    if len(lines) > MOST_DOCUMENTS:
        return [FieldError("documents", f"Give at most {MOST_DOCUMENTS} of them.")]
    if any(len(line) > LONGEST_DOCUMENT for line in lines):
        return [FieldError("documents", f"Use at most {LONGEST_DOCUMENT} letters a line.")]
    return []


def in_form_fields(refusal: DomainError) -> DomainError:
    """Return the mistakes under the names that the form has for its fields."""
    if not isinstance(refusal, InvalidError):
        return refusal
    return InvalidError([FieldError(_form_field(at), message) for at, message in refusal.errors])


def _form_field(path: str) -> str:
    return FORM_FIELDS.get(path) or FORM_FIELDS.get(path.split(".", maxsplit=1)[0], path)
