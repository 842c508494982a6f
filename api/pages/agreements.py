"""Agreements: what one's agency has promised others and they have promised it, and its account."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.status_codes import HTTP_200_OK
from msgspec import Meta, Struct
from sqlmodel import Session

from api.agreement_words import Difference, Terms, allotment_words, differences
from api.authentication import PUBLISHING_STAFF, STAFF
from api.dependencies import InjectedDatabase, InjectedSealer, InjectedSettings, InjectedViewer, Now
from api.handlers.agreements import account_lines, compliance
from api.languages import marked as _
from api.pages.appointments import AGREEMENT_WORDS
from api.pages.forms import FormData, FormTexts, errors_by_field, read_typed
from api.pages.once import go_once
from api.pages.rendering import AnyRequest, page, see_other
from api.pages.times import Times, times_for
from api.pages.windows import as_list, status_for
from directory.commands.records.errors import StaleError
from directory.errors import ConflictError, DomainError, InvalidError, NotFoundError
from directory.models.accounts import Role
from directory.viewer import Viewer
from scheduling.agreement_drafts import AgreementDraft, AllotmentDraft
from scheduling.commands.agreements import (
    end_agreement,
    propose_agreement,
    resume_agreement,
    sign_agreement,
    suspend_agreement,
)
from scheduling.commands.consortia import accept_invitation, invite_member, leave_consortium
from scheduling.queries.agreements import (
    find_agreement_changes,
    find_allotments,
    find_members,
    find_other_agencies,
    find_standing_appointments,
    find_successors,
)
from scheduling.queries.desks import find_named_agreements
from scheduling.queries.windows import find_windows, get_agreement

STEP_WORDS = {
    "proposed": _("Proposed"),
    "changed": _("Changed"),
    "signed": _("Signed"),
    "suspended": _("Suspended"),
    "resumed": _("Resumed"),
    "notice-given": _("Notice given"),
    "asked-to-end": _("Asked to end at once"),
    "ended": _("Ended"),
    "withdrawn": _("Withdrawn"),
    "expired": _("Its last day passed"),
    "replaced": _("Replaced by another"),
}

#: The steps that a button of the page takes.
STEPS: dict[str, Any] = {
    "sign": sign_agreement,
    "suspend": suspend_agreement,
    "resume": resume_agreement,
    "end": end_agreement,
}

_get: Any = {"guards": [STAFF], "include_in_schema": False, "sync_to_thread": True}
_post: Any = {
    "guards": [PUBLISHING_STAFF],
    "include_in_schema": False,
    "sync_to_thread": True,
    "status_code": HTTP_200_OK,
}


class AgreementForm(Struct, forbid_unknown_fields=True, kw_only=True):
    """What the form of a proposal asks for. ``side`` is ours: as ``partner`` we book with them.

    A partner names numbers on the page of what is proposed, where the host is known.
    """

    other_id: UUID
    side: Literal["host", "partner"] = "host"
    title: Annotated[str, Meta(max_length=120)] = ""
    terms: Annotated[str, Meta(max_length=10_000)] = ""
    starts_on: date
    ends_on: date | None = None
    notice_days: int = 30
    covers_members: bool = False
    places: Annotated[int, Meta(ge=1, le=500)] | None = None
    release_hours: Annotated[int, Meta(ge=0, le=720)] | None = None
    windows: list[UUID] = []
    key: UUID | None = None

    def draft(self) -> AgreementDraft:
        """Return the agreement that the form describes."""
        release = None if self.release_hours is None else self.release_hours * 60
        allotment = AllotmentDraft(
            places=self.places or 0, release_minutes=release, window_ids=self.windows
        )
        has_number = self.places is not None and self.side == "host"
        return AgreementDraft(
            title=self.title,
            terms=self.terms,
            starts_on=self.starts_on,
            ends_on=self.ends_on,
            notice_days=self.notice_days,
            covers_members=self.covers_members,
            allotments=[allotment] if has_number else [],
        )


@get("/agreements", **_get)
def show_agreements(
    request: AnyRequest,
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """List the agency's agreements, and the consortia that it leads or is in."""
    with database.reading() as session:
        return _agreements_page(request, session, settings, viewer, now)


def _agreements_page(
    request: AnyRequest,
    session: Session,
    settings: Any,
    viewer: Viewer,
    now: datetime,
    refusal: DomainError | None = None,
) -> Response[Any]:
    return page(
        request,
        "agreements.html",
        status_code=status_for(refusal),
        times=times_for(request, session, viewer, settings, now),
        agreements=find_named_agreements(session, viewer),
        agreement_words=AGREEMENT_WORDS,
        members=find_members(session, viewer),
        mine=viewer.organization_id,
        agencies=find_other_agencies(session, viewer),
        may_act=viewer.has_role(Role.PUBLISHER),
        errors=errors_by_field(refusal),
        key=str(uuid4()),
    )


Side = Annotated[Literal["host", "partner"], QueryParameter(description="Which side is ours.")]


@get("/agreements/new", **{**_get, "guards": [PUBLISHING_STAFF]})
def show_new_agreement(
    request: AnyRequest,
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
    side: Side = "host",
) -> Response[Any]:
    """Ask what the agency lets another book, or as ``partner`` what it would book with another."""
    with database.reading() as session:
        times = times_for(request, session, viewer, settings, now)
        typed = {
            "side": side,
            "starts_on": str(times.today),
            "notice_days": "30",
            "key": str(uuid4()),
        }
        return _form_page(request, session, viewer, typed)


def _form_page(
    request: AnyRequest,
    session: Session,
    viewer: Viewer,
    typed: dict[str, Any],
    refusal: DomainError | None = None,
) -> Response[Any]:
    return page(
        request,
        "agreement-new.html",
        status_code=status_for(refusal),
        typed={**typed, "windows": as_list(typed.get("windows"))},
        errors=errors_by_field(refusal),
        agencies=find_other_agencies(session, viewer),
        windows=[
            window
            for window in find_windows(session, viewer)
            if window.bookable_by != "own" and window.status != "ended"
        ],
    )


@post("/agreements/new", **_post)
def post_new_agreement(
    request: AnyRequest,
    data: FormData,
    database: InjectedDatabase,
    sealer: InjectedSealer,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Propose it; sent twice, it is proposed once."""

    def propose(session: Session) -> str:
        if viewer.organization_id is None:
            raise NotFoundError("agreement")
        ours, theirs = viewer.organization_id, form.other_id
        host_id, partner_id = (ours, theirs) if form.side == "host" else (theirs, ours)
        agreement_id = propose_agreement(
            session,
            form.draft(),
            host_id=host_id,
            partner_id=partner_id,
            viewer=viewer,
            now=now,
        )
        return f"/agreements/{agreement_id}"

    try:
        form = read_typed(AgreementForm, data)
        return go_once(
            database,
            sealer,
            key=str(form.key) if form.key else None,
            viewer=viewer,
            operation="propose_agreement",
            data=form,
            now=now,
            work=propose,
        )
    except (InvalidError, ConflictError) as error:
        with database.reading() as session:
            return _form_page(request, session, viewer, {**data, "key": str(uuid4())}, error)


@get("/agreements/{agreement_id:uuid}", **_get)
def show_agreement(
    request: AnyRequest,
    agreement_id: FromPath[UUID],
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Show one agreement: its terms, who has signed, what has become of it, and its account."""
    with database.reading() as session:
        return _agreement_page(request, session, settings, agreement_id, viewer, now)


def _agreement_page(
    request: AnyRequest,
    session: Session,
    settings: Any,
    agreement_id: UUID,
    viewer: Viewer,
    now: datetime,
    refusal: DomainError | None = None,
) -> Response[Any]:
    agreement = get_agreement(session, agreement_id, viewer)
    we_host = agreement.host_organization_id == viewer.organization_id
    lines = account_lines(session, agreement_id, now=now)
    named = find_named_agreements(session, viewer)
    times = times_for(request, session, viewer, settings, now)
    allotments = find_allotments(session, agreement_id)
    return page(
        request,
        "agreement.html",
        status_code=status_for(refusal),
        times=times,
        agreement=agreement,
        other_name=next(row["other_name"] for row in named if row["id"] == agreement_id),
        we_host=we_host,
        we_signed=agreement.host_signed_at if we_host else agreement.partner_signed_at,
        they_signed=agreement.partner_signed_at if we_host else agreement.host_signed_at,
        allotments=[allotment_words(row, times) for row in allotments],
        differences=_differences(session, Terms(agreement, allotments), viewer, times),
        successors=find_successors(session, agreement_id),
        lines=lines,
        compliance=compliance(lines),
        changes=find_agreement_changes(session, agreement_id),
        standing=find_standing_appointments(session, agreement_id, now=now),
        agreement_words=AGREEMENT_WORDS,
        step_words=STEP_WORDS,
        may_act=viewer.has_role(Role.PUBLISHER),
        refusal=refusal,
    )


def _differences(
    session: Session, terms: Terms, viewer: Viewer, times: Times
) -> list[Difference] | None:
    """Say what differs from the agreement that these terms are to replace, if there is one."""
    replaces_id = terms.agreement.replaces_id
    if replaces_id is None:
        return None
    before = get_agreement(session, replaces_id, viewer)
    return differences(Terms(before, find_allotments(session, replaces_id)), terms, times)


@post("/agreements/{agreement_id:uuid}/{step:str}", **_post)
def post_step(
    request: AnyRequest,
    agreement_id: FromPath[UUID],
    step: FromPath[str],
    data: FormTexts,
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Sign, suspend, resume or end. On what has changed meanwhile nothing is done."""
    if step not in STEPS:
        raise NotFoundError("page")
    more = {"immediately": data.get("immediately") == "yes"} if step == "end" else {}
    try:
        expected = msgspec.convert(data.get("version", ""), int, strict=False)
    except msgspec.ValidationError:
        raise InvalidError.of("version", "Load the page again first.") from None
    try:
        with database.transaction() as session:
            STEPS[step](session, agreement_id, expected=expected, viewer=viewer, now=now, **more)
    except (StaleError, ConflictError) as refusal:
        with database.reading() as session:
            return _agreement_page(request, session, settings, agreement_id, viewer, now, refusal)
    return see_other(f"/agreements/{agreement_id}")


@post("/consortium/invite", **_post)
def post_invite(
    request: AnyRequest,
    data: FormTexts,
    database: InjectedDatabase,
    sealer: InjectedSealer,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Invite an agency into the consortium that this one leads."""

    def invite(session: Session) -> str:
        invite_member(session, invited, viewer=viewer, now=now)
        return "/agreements#consortium"

    try:
        try:
            invited = UUID(data.get("organization_id", ""))
        except ValueError:
            raise InvalidError.of("organization_id", "There is no such agency.") from None
        return go_once(
            database,
            sealer,
            key=data.get("key") or None,
            viewer=viewer,
            operation=f"invite_member {invited}",
            now=now,
            work=invite,
        )
    except (InvalidError, ConflictError) as refusal:
        with database.reading() as session:
            return _agreements_page(request, session, settings, viewer, now, refusal)


@post("/consortium/{lead_id:uuid}/accept", **_post)
def post_accept(
    lead_id: FromPath[UUID], database: InjectedDatabase, viewer: InjectedViewer, now: Now
) -> Response[Any]:
    """Become a member."""
    with database.transaction() as session:
        accept_invitation(session, lead_id, viewer=viewer, now=now)
    return see_other("/agreements#consortium")


@post("/consortium/{lead_id:uuid}/{member_id:uuid}/leave", **_post)
def post_leave(
    lead_id: FromPath[UUID],
    member_id: FromPath[UUID],
    database: InjectedDatabase,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Leave, or take a member out; what has been booked stands."""
    with database.transaction() as session:
        leave_consortium(session, lead_id, member_id, viewer=viewer, now=now)
    return see_other("/agreements#consortium")


HANDLERS = [
    show_agreements,
    show_new_agreement,
    post_new_agreement,
    show_agreement,
    post_step,
    post_invite,
    post_accept,
    post_leave,
]
