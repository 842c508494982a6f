"""Other terms of an agreement: a proposal that is changed, or what is to replace one in force."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, NamedTuple
from uuid import UUID, uuid4

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.status_codes import HTTP_200_OK
from msgspec import Meta, Struct
from sqlmodel import Session

from api.authentication import PUBLISHING_STAFF
from api.dependencies import InjectedDatabase, InjectedSealer, InjectedViewer, Now
from api.pages.forms import FormData, errors_by_field, read_typed
from api.pages.once import go_once
from api.pages.rendering import AnyRequest, page
from api.pages.windows import as_list, status_for
from directory.errors import ConflictError, DomainError, FieldError, InvalidError
from directory.viewer import Viewer
from scheduling.agreement_drafts import AgreementDraft, AllotmentDraft
from scheduling.commands.agreements import change_agreement, next_monday
from scheduling.errors import AgreementStateError
from scheduling.models.agreements import Agreement, AgreementStatus
from scheduling.queries.agreements import find_allotments, find_what_may_be_promised
from scheduling.queries.windows import get_agreement

MINUTES = 60

#: As many numbers as an agreement may have.
MOST_NUMBERS = 20

_OF_A_NUMBER = re.compile(r"(places|release_hours|windows|services)-([0-9]{1,2})")

#: What the command calls a field of an allotment, and the form.
_NAMES = {
    "places": "places",
    "release_minutes": "release_hours",
    "window_ids": "windows",
    "service_ids": "services",
}

_all: Any = {"guards": [PUBLISHING_STAFF], "include_in_schema": False, "sync_to_thread": True}


class TermsForm(Struct, forbid_unknown_fields=True, kw_only=True):
    """The terms but for the numbers; ``version`` is of the agreement that somebody looked at."""

    version: int
    title: Annotated[str, Meta(max_length=120)] = ""
    terms: Annotated[str, Meta(max_length=10_000)] = ""
    starts_on: date
    ends_on: date | None = None
    notice_days: int = 30
    covers_members: bool = False
    key: UUID | None = None


class NumberForm(Struct, forbid_unknown_fields=True, kw_only=True):
    """So many places a week in what is ticked. Without ``places`` it is no number."""

    places: Annotated[int, Meta(ge=1, le=500)] | None = None
    release_hours: Annotated[int, Meta(ge=0, le=720)] | None = None
    windows: Annotated[list[UUID], Meta(max_length=100)] = []
    services: Annotated[list[UUID], Meta(max_length=100)] = []


class Asked(Struct):
    """All that the form says: the terms, and the numbers by where the form asks for each."""

    terms: TermsForm
    numbers: dict[int, NumberForm]

    def draft(self, present: Sequence[Mapping[str, Any]]) -> AgreementDraft:
        """Return the agreement that it describes, where ``present`` are its allotments so far.

        The form knows whole hours: what agrees with them stays as it is to the minute.
        """
        terms = self.terms
        return AgreementDraft(
            title=terms.title,
            terms=terms.terms,
            starts_on=terms.starts_on,
            ends_on=terms.ends_on,
            notice_days=terms.notice_days,
            covers_members=terms.covers_members,
            allotments=[
                AllotmentDraft(
                    places=number.places or 0,
                    release_minutes=_release_minutes(number, at, present),
                    window_ids=number.windows,
                    service_ids=number.services,
                )
                for at, number in self.numbers.items()
            ],
        )

    def in_form_fields(self, refusal: InvalidError) -> InvalidError:
        """Return the mistakes in the numbers under the names that the form has for them."""
        places = list(self.numbers)

        def named(path: str) -> str:
            first, _, rest = path.partition(".")
            index, _, field = rest.partition(".")
            return f"{_NAMES.get(field, 'windows')}-{places[int(index)]}" if rest else first

        return InvalidError([FieldError(named(at), message) for at, message in refusal.errors])


def _release_minutes(
    number: NumberForm, at: int, present: Sequence[Mapping[str, Any]]
) -> int | None:
    if number.release_hours is None:
        return None
    before: int | None = present[at]["release_minutes"] if at < len(present) else None
    if before is not None and before // MINUTES == number.release_hours:
        return before
    return number.release_hours * MINUTES


def _read(data: Mapping[str, Any]) -> Asked:
    """Read the form. Raises ``InvalidError`` naming every bad field."""
    numbers: dict[int, dict[str, Any]] = {}
    rest: dict[str, Any] = {}
    for name, value in data.items():
        match = _OF_A_NUMBER.fullmatch(name)
        if match is None or int(match[2]) >= MOST_NUMBERS:
            rest[name] = value
        else:
            numbers.setdefault(int(match[2]), {})[match[1]] = value
    mistakes: list[FieldError] = []
    read: dict[int, NumberForm] = {}
    for at in sorted(numbers):
        try:
            read[at] = read_typed(NumberForm, numbers[at])
        except InvalidError as error:
            mistakes += [FieldError(f"{path}-{at}", said) for path, said in error.errors]
    try:
        terms = read_typed(TermsForm, rest)
    except InvalidError as error:
        raise InvalidError([*error.errors, *mistakes]) from None
    if mistakes:
        raise InvalidError(mistakes)
    return Asked(terms, {at: form for at, form in read.items() if form.places is not None})


def _typed_of(agreement: Agreement, allotments: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the fields of the form that describes an agreement, as a browser would send them."""
    typed: dict[str, Any] = {
        "version": str(agreement.version),
        "title": agreement.title,
        "terms": agreement.terms,
        "starts_on": str(agreement.starts_on),
        "ends_on": str(agreement.ends_on or ""),
        "notice_days": str(agreement.notice_days),
        "covers_members": "true" if agreement.covers_members else "",
    }
    for at, row in enumerate(allotments):
        release = row["release_minutes"]
        typed |= {
            f"places-{at}": str(row["places"]),
            f"release_hours-{at}": "" if release is None else str(release // MINUTES),
            f"windows-{at}": [str(each["id"]) for each in row["windows"]],
            f"services-{at}": [str(each["id"]) for each in row["services"]],
        }
    return typed


class Number(NamedTuple):
    """Where the form asks for a number, and what is ticked there."""

    at: int
    windows: list[str]
    services: list[str]


def _numbers(typed: Mapping[str, Any]) -> Iterator[Number]:
    """Yield each number that was typed, and room for one more."""
    found = (_OF_A_NUMBER.fullmatch(name) for name in typed)
    used = {int(match[2]) for match in found if match is not None}
    for at in range(min(max(used, default=-1) + 2, MOST_NUMBERS)):
        lists = (as_list(typed.get(f"{name}-{at}")) for name in ("windows", "services"))
        yield Number(at, *lists)


@get("/agreements/{agreement_id:uuid}/terms", **_all)
def show_terms(
    request: AnyRequest,
    agreement_id: FromPath[UUID],
    database: InjectedDatabase,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Show the terms as the form that proposes others."""
    with database.reading() as session:
        agreement = get_agreement(session, agreement_id, viewer)
        typed = {**_typed_of(agreement, find_allotments(session, agreement_id)), **_anew()}
        if agreement.status is not AgreementStatus.PROPOSED:
            typed["starts_on"] = str(max(agreement.starts_on, next_monday(now.date())))
        return _terms_page(request, session, agreement, viewer, typed)


def _anew() -> dict[str, str]:
    return {"key": str(uuid4())}


def _terms_page(
    request: AnyRequest,
    session: Session,
    agreement: Agreement,
    viewer: Viewer,
    typed: Mapping[str, Any],
    refusal: DomainError | None = None,
) -> Response[Any]:
    if agreement.status is AgreementStatus.ENDED:
        raise AgreementStateError
    may = find_what_may_be_promised(session, agreement, viewer)
    return page(
        request,
        "agreement-terms.html",
        status_code=status_for(refusal),
        agreement=agreement,
        typed=typed,
        numbers=list(_numbers(typed)),
        windows=may.windows,
        services=may.services,
        refusal=refusal,
        errors=errors_by_field(refusal),
    )


@post("/agreements/{agreement_id:uuid}/terms", status_code=HTTP_200_OK, **_all)
def post_terms(
    request: AnyRequest,
    agreement_id: FromPath[UUID],
    data: FormData,
    database: InjectedDatabase,
    sealer: InjectedSealer,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Propose the terms, and go to what is proposed; sent twice, it is proposed once."""
    try:
        asked = _read(data)
        return go_once(
            database,
            sealer,
            key=str(asked.terms.key) if asked.terms.key else None,
            viewer=viewer,
            operation=f"change_agreement {agreement_id}",
            data=asked,
            now=now,
            work=lambda session: _propose(session, agreement_id, asked, viewer, now),
        )
    except (InvalidError, ConflictError) as refusal:
        with database.reading() as session:
            agreement = get_agreement(session, agreement_id, viewer)
            typed = {**data, **_anew()}
            return _terms_page(request, session, agreement, viewer, typed, refusal)


def _propose(
    session: Session, agreement_id: UUID, asked: Asked, viewer: Viewer, now: datetime
) -> str:
    present = find_allotments(session, agreement_id)
    try:
        proposed_id = change_agreement(
            session, agreement_id, asked.draft(present),
            expected=asked.terms.version, viewer=viewer, now=now,
        )  # fmt: skip
    except InvalidError as error:
        raise asked.in_form_fields(error) from None
    return f"/agreements/{proposed_id}"


HANDLERS = [show_terms, post_terms]
