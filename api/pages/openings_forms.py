"""The forms in which a provider says whether there is room: at the front desk, and by a link."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta
from sqlmodel import Session

from api.languages import Language
from api.languages import marked as _
from api.pages.forms import errors_by_field
from api.requests import CSRF_FIELD
from api.room_words import POPULATIONS, amount_words
from api.schemas.shapes import Request
from api.words import age_words
from directory.commands.openings import (
    VALID_FOR_MINUTES,
    OpeningReport,
    find_last_said,
    report_openings,
    step_openings,
    undo_openings,
)
from directory.database import Row
from directory.errors import DomainError
from directory.models.openings import OpeningStatus
from directory.openings import Opening
from directory.queries.agencies import get_offer
from directory.queries.openings import Said
from directory.viewer import Viewer
from scheduling.comparison import Comparison
from scheduling.queries.free_today import find_free_today, midnight_after
from scheduling.rules import MINUTE

#: How long a report counts, in minutes, as offered on the form.
VALIDITIES = ((120, _("2 hours")), (720, _("12 hours")), (1440, _("1 day")), (4320, _("3 days")))

OPENING_WORDS = (
    ("", _("Open or full, by the number")),
    ("open", _("Open")),
    ("full", _("Full")),
    ("waitlist", _("Waiting list")),
    ("assessment required", _("Assessment first")),
    ("call", _("Call first")),
)

#: A count that nobody spoke of for so long is not asked about any more.
FORGOTTEN_AFTER = timedelta(days=30)

Count = Annotated[int, Meta(ge=0, le=10_000)]
Button = Literal["say", "more", "fewer", "full-today", "calendar", "undo"]

#: What the round buttons add.
STEPS = {"more": 1, "fewer": -1}


class SayOpenings(Request):
    """The form of one count. ``shown`` is the number that the page showed, ``do`` the button.

    ``key`` is new for each page, so that a form sent twice counts once; ``report_id`` is what
    "undo" takes back.
    """

    available: Count | None = None
    maximum: Count | None = None
    unit: Annotated[str, Meta(max_length=60)] = "places"
    population: Annotated[str, Meta(max_length=120)] = ""
    status: OpeningStatus | None = None
    note: Annotated[str, Meta(max_length=200)] | None = None
    valid_for_minutes: Annotated[int, Meta(ge=1, le=10_080)] = VALID_FOR_MINUTES
    shown: Count | None = None
    do: Button = "say"
    report_id: UUID | None = None
    key: Annotated[str, Meta(max_length=60)] = ""

    def report(self) -> OpeningReport:
        """Return what the form says, before its buttons."""
        return OpeningReport(
            unit=self.unit,
            population=self.population,
            available=self.available,
            maximum=self.maximum,
            status=self.status,
            note=self.note,
            valid_for_minutes=self.valid_for_minutes,
        )


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who says it: staff who signed in, or whoever has a link of the agency."""

    viewer: Viewer
    link_id: UUID | None = None


def key_of(place: UUID, data: Mapping[str, Any]) -> str | None:
    """Return the idempotency key of a form, or None for one without.

    All that was filled in is a part of it: the same page sent once more with another button or
    number is a new word, and the same word sent twice counts once.
    """
    if not data.get("key"):
        return None
    told = sorted((name, value) for name, value in data.items() if name != CSRF_FIELD)
    return hashlib.sha256(msgspec.json.encode([str(place), told])).hexdigest()


def say_openings(
    session: Session, place: UUID, form: SayOpenings, speaker: Speaker, now: datetime
) -> None:
    """Do what the button of a form says, at a place of the speaker's agency."""
    report, step = form.report(), STEPS.get(form.do, 0)
    by: Any = {"viewer": speaker.viewer, "link_id": speaker.link_id, "now": now}
    if form.do == "undo":
        undo_openings(
            session,
            place,
            unit=form.unit,
            population=form.population,
            report_id=form.report_id,
            **by,
        )
        return
    if step and form.available == form.shown:
        step_openings(session, place, report, by=step, **by)
        return
    if step and form.available is not None:  # somebody typed a number, then pressed plus
        report = replace(report, available=max(0, form.available + step), status=None)
    if form.do in ("full-today", "calendar"):
        report = _until_midnight(session, place, form, report, speaker.viewer, now)
    report_openings(session, place, report, **by)


def _until_midnight(
    session: Session,
    place: UUID,
    form: SayOpenings,
    report: OpeningReport,
    viewer: Viewer,
    now: datetime,
) -> OpeningReport:
    """Say for the rest of the day at the place that nothing is left, or what its calendar has."""
    zone = get_offer(session, place)["timezone"]
    left = max(1, (midnight_after(now, zone) - now) // MINUTE)
    if form.do == "full-today":
        return replace(report, available=0, status=OpeningStatus.FULL, valid_for_minutes=left)
    free = find_free_today(session, viewer, {place: zone}, now=now).get(place)
    places = free.places if free else 0
    maximum = None if report.maximum is None else max(report.maximum, places)
    return replace(report, available=places, maximum=maximum, status=None, valid_for_minutes=left)


def keep_the_rest(session: Session, place: UUID, form: SayOpenings) -> SayOpenings:
    """Fill in what a short form does not ask for, as it was said the last time.

    A waiting list stays one when it is "still so"; with another number, open or full follows.
    """
    last = find_last_said(session, place, form.report())
    if last is None:
        return form
    kept = {"maximum": last["maximum"], "note": last["description"]}
    if form.do == "say" and form.available == last["available"]:
        kept["status"] = OpeningStatus(last["status"])
    return msgspec.structs.replace(form, **kept, valid_for_minutes=same_validity(last))


def same_validity(last: Row) -> int:
    """Return for how long the last report was to count, if that is on the form."""
    minutes = (last["expires_at"] - last["updated"]) // MINUTE
    return minutes if minutes in dict(VALIDITIES) else VALID_FOR_MINUTES


class RefusedForm:
    """A form that was refused: at which place, what was typed, and what is wrong."""

    def __init__(self, place: UUID, typed: Mapping[str, Any], error: DomainError) -> None:
        self.place = place
        self.typed = typed
        self.errors = errors_by_field(error)
        self.message = "" if self.errors else str(error)

    def is_of(self, unit: str, population: str) -> bool:
        """Say whether it was the form of this count."""
        said = (self.typed.get("unit", "places"), self.typed.get("population", ""))
        return [str(each).casefold() for each in said] == [unit.casefold(), population.casefold()]


@dataclass(frozen=True, slots=True, kw_only=True)
class CountForm:
    """One count at a place as its form shows it; without ``last`` it is for a new one."""

    id: str
    last: Row | None
    counts: bool
    typed: Mapping[str, Any]
    errors: Mapping[str, list[str]]
    undo_id: UUID | None = None
    undo_words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceForms:
    """The counts of one place, a form for another one, and what its calendar says.

    ``refused``: one of the forms was sent, and refused; ``message`` says why, if that is not
    said beside a field.
    """

    counts: Sequence[CountForm]
    new: CountForm
    refused: bool
    message: str
    comparison: Comparison | None


def place_forms(
    place: UUID,
    said: Sequence[Said],
    *,
    refused: RefusedForm | None,
    comparison: Comparison | None,
    language: Language,
    now: datetime,
) -> PlaceForms:
    """Return the forms of a place, always in the same order: buttons stay where they were."""
    in_use = sorted(
        (each for each in said if is_in_use(each, now)),
        key=lambda each: (each.report["unit"], each.report["population"]),
    )
    here = refused if refused and refused.place == place else None
    counts = [
        _count_form(f"{place}-{nth}", each, here, language, now) for nth, each in enumerate(in_use)
    ]
    elsewhere = here and not any(form.errors for form in counts)
    return PlaceForms(
        counts=counts,
        new=CountForm(
            id=str(place),
            last=None,
            counts=False,
            typed=here.typed if here and elsewhere else {},
            errors=here.errors if here and elsewhere else {},
        ),
        refused=here is not None,
        message=here.message if here else "",
        comparison=comparison,
    )


def is_in_use(said: Said, now: datetime) -> bool:
    """Say whether a count is still spoken of: lately, and not taken back altogether."""
    report = said.report
    taken_back = report["undoes_id"] is not None and report["said_at"] is None
    return not taken_back and report["updated"] > now - FORGOTTEN_AFTER


def live_of(said: Sequence[Said], now: datetime) -> list[Opening]:
    """Return what of it counts now."""
    openings = (Opening.of_report(each.report) for each in said)
    return [each for each in openings if each.counts(now)]


def _count_form(
    id_: str, said: Said, refused: RefusedForm | None, language: Language, now: datetime
) -> CountForm:
    last = said.report
    again = refused is not None and refused.is_of(last["unit"], last["population"])
    return CountForm(
        id=id_,
        last=last,
        counts=last["expires_at"] > now,
        typed=refused.typed if refused and again else _as_typed(last),
        errors=refused.errors if refused and again else {},
        undo_id=said.undo.report_id if said.undo else None,
        undo_words=_undo_words(said, language, now),
    )


def _undo_words(said: Said, language: Language, now: datetime) -> str:
    """Say what undo would go back to."""
    translate = language.translate
    if said.undo is None:
        return ""
    before = said.undo.back_to
    if before is None or before["expires_at"] <= now:
        return translate("Undo: back to “ask”")
    age = age_words(before["updated"], now, translate=translate)
    return translate("Undo: back to “{room}”, said {age}").format(
        room=amount_words(Opening.of_report(before), language), age=age
    )


def _as_typed(last: Row) -> dict[str, Any]:
    """Fill the form from the last report: the next one is mostly the same but for the number."""
    names = ("available", "maximum", "unit", "population")
    typed = {name: last[name] for name in names if last[name] is not None}
    by_number = last["available"] is not None and last["status"] in ("open", "full")
    typed["status"] = "" if by_number else last["status"]
    typed["note"] = last["description"] or ""
    typed["valid_for_minutes"] = same_validity(last)
    return typed


def form_words(language: Language) -> dict[str, Any]:
    """Return the choices of the forms, said in a language."""

    def said(options: Any) -> list[tuple[Any, str]]:
        return [(key, language.translate(words)) for key, words in options]

    return {
        "opening_statuses": said(OPENING_WORDS),
        "opening_names": dict(said(OPENING_WORDS)),
        "validities": said(VALIDITIES),
        "populations": [language.translate(words) for words in POPULATIONS],
    }
