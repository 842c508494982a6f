"""The life of an agreement: proposed, signed by both sides, suspended, resumed, ended.

Every step names the version that its taker has read, and writes a row of history. While an
agreement is active its terms do not change: other terms are a new one that replaces it, on a
Monday, when both sides have signed it.
"""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Session

from directory.commands.records.errors import StaleError
from directory.database import Row, find_row
from directory.errors import FieldError, InvalidError, NotFoundError
from directory.models.accounts import Role
from directory.viewer import Viewer
from scheduling.agreement_drafts import AgreementDraft, AllotmentDraft
from scheduling.bookable import agreements, allotments, windows
from scheduling.commands.allotments import cover_slots
from scheduling.commands.places import named_services, named_windows
from scheduling.errors import AgreementStateError
from scheduling.models import TABLES
from scheduling.models.agreements import AgreementStatus
from scheduling.models.windows import BookableBy
from scheduling.rules import DAY, week_of

changes = TABLES["agreement_change"]
organizations = TABLES["organization"]
services = TABLES["service"]

PROPOSED, ACTIVE = AgreementStatus.PROPOSED, AgreementStatus.ACTIVE
SUSPENDED, ENDED = AgreementStatus.SUSPENDED, AgreementStatus.ENDED

#: The step of somebody who wants an end at once; the other side's is what ends it.
ASKED_TO_END = "asked-to-end"

#: By the clocks of everybody on earth a day is over twelve hours after it is in UTC.
_EVERYWHERE = timedelta(hours=12)


def propose_agreement(
    session: Session,
    draft: AgreementDraft,
    *,
    host_id: UUID,
    partner_id: UUID,
    viewer: Viewer,
    now: datetime,
    replaces_id: UUID | None = None,
) -> UUID:
    """Write down what the viewer's organization, as host or as partner, proposes; return its id.

    Raises ``InvalidError`` naming every bad field. Nobody has signed it yet.
    """
    if viewer.organization_id not in (host_id, partner_id):
        raise InvalidError.of("host_organization_id", "Your agency has to be one of the two.")
    _refuse_mistakes(session, draft, host_id, partner_id, replaces_id)
    agreement_id = uuid4()
    row = {
        "id": agreement_id,
        "host_organization_id": host_id,
        "partner_organization_id": partner_id,
        "status": PROPOSED,
        "version": 1,
        "replaces_id": replaces_id,
        **_terms_of(draft),
    }
    session.connection().execute(sa.insert(agreements), row)
    _add_allotments(session, agreement_id, draft)
    _note(session, row, "proposed", viewer, now)
    return agreement_id


def change_agreement(
    session: Session,
    agreement_id: UUID,
    draft: AgreementDraft,
    *,
    expected: int,
    viewer: Viewer,
    now: datetime,
) -> UUID:
    """Change a proposal, which both have to sign anew, or propose what replaces an agreement.

    Returns the id of what is now proposed. An active agreement holds until then.
    """
    row = _lock(session, agreement_id, viewer, expected)
    host_id, partner_id = row["host_organization_id"], row["partner_organization_id"]
    if row["status"] == ENDED:
        raise AgreementStateError
    if row["status"] != PROPOSED:
        return propose_agreement(
            session, draft, host_id=host_id, partner_id=partner_id,
            viewer=viewer, now=now, replaces_id=agreement_id,
        )  # fmt: skip
    _refuse_mistakes(session, draft, host_id, partner_id, row["replaces_id"])
    session.connection().execute(
        sa.delete(allotments).where(allotments.c.agreement_id == agreement_id)
    )
    _add_allotments(session, agreement_id, draft)
    unsigned = dict.fromkeys(
        ("host_signed_at", "host_signed_by", "partner_signed_at", "partner_signed_by")
    )
    _step(session, row, "changed", viewer, now, **_terms_of(draft), **unsigned)
    return agreement_id


def sign_agreement(
    session: Session, agreement_id: UUID, *, expected: int, viewer: Viewer, now: datetime
) -> None:
    """Sign for the viewer's organization. The second signature puts the agreement in force."""
    row = _lock(session, agreement_id, viewer, expected)
    side = "host" if viewer.organization_id == row["host_organization_id"] else "partner"
    other = "partner" if side == "host" else "host"
    if row["status"] != PROPOSED or row[f"{side}_signed_at"] is not None:
        raise AgreementStateError
    signed = {f"{side}_signed_at": now, f"{side}_signed_by": viewer.account_id}
    if row[f"{other}_signed_at"] is None:
        _step(session, row, "signed", viewer, now, **signed)
        return
    starts_on = row["starts_on"]
    if row["replaces_id"] is not None:
        starts_on = _replace(session, row, viewer, now)
    _step(session, row, "signed", viewer, now, status=ACTIVE, starts_on=starts_on, **signed)
    cover_slots(session, agreement_id=agreement_id)


def suspend_agreement(
    session: Session, agreement_id: UUID, *, expected: int, viewer: Viewer, now: datetime
) -> None:
    """Stop booking under it, and keep nothing for it, until resumed. What is booked stands."""
    row = _lock(session, agreement_id, viewer, expected)
    if row["status"] != ACTIVE:
        raise AgreementStateError
    _step(session, row, "suspended", viewer, now, status=SUSPENDED)


def resume_agreement(
    session: Session, agreement_id: UUID, *, expected: int, viewer: Viewer, now: datetime
) -> None:
    """Put a suspended agreement in force again."""
    row = _lock(session, agreement_id, viewer, expected)
    if row["status"] != SUSPENDED:
        raise AgreementStateError
    _step(session, row, "resumed", viewer, now, status=ACTIVE)


def end_agreement(
    session: Session,
    agreement_id: UUID,
    *,
    expected: int,
    viewer: Viewer,
    now: datetime,
    immediately: bool = False,
) -> None:
    """Give notice: the agreement ends after its ``notice_days``. What is booked stands.

    ``immediately`` ends it at once when the other side has asked for the same in the step before,
    or when an administrator says so; else it asks. A proposal is withdrawn.
    """
    row = _lock(session, agreement_id, viewer, expected)
    today = now.date()
    if row["status"] == ENDED:
        raise AgreementStateError
    if row["status"] == PROPOSED:
        _step(session, row, "withdrawn", viewer, now, status=ENDED)
    elif not immediately:
        last = today + row["notice_days"] * DAY
        ends_on = max(row["starts_on"], min(last, row["ends_on"] or last))
        _step(session, row, "notice-given", viewer, now, ends_on=ends_on)
    elif viewer.role is Role.ADMINISTRATOR or _other_side_asked(session, row, viewer):
        ends_on = max(row["starts_on"], min(today, row["ends_on"] or today))
        _step(session, row, "ended", viewer, now, status=ENDED, ends_on=ends_on)
    else:
        _step(session, row, ASKED_TO_END, viewer, now)


def end_overdue_agreements(session: Session, *, now: datetime) -> int:
    """Say of the agreements whose last day is over everywhere that they have ended."""
    overdue = session.connection().execute(
        sa.select(agreements)
        .where(
            agreements.c.status.in_((ACTIVE, SUSPENDED)),
            agreements.c.ends_on < (now - _EVERYWHERE).date(),
        )
        .order_by(agreements.c.id)
        .with_for_update()
    )
    rows = overdue.mappings().all()
    for row in rows:
        _step(session, dict(row), "expired", Viewer(), now, status=ENDED)
    return len(rows)


def _lock(session: Session, agreement_id: UUID, viewer: Viewer, expected: int) -> Row:
    """Return the agreement as it is now, locked; to others than its parties it does not exist."""
    party = sa.or_(
        agreements.c.host_organization_id == viewer.organization_id,
        agreements.c.partner_organization_id == viewer.organization_id,
    )
    row = find_row(
        session,
        sa.select(agreements).where(agreements.c.id == agreement_id, party).with_for_update(),
    )
    if row is None:
        raise NotFoundError("agreement")
    if row["version"] != expected:
        raise StaleError(row["version"])
    return row


def _step(
    session: Session, row: Row, step: str, viewer: Viewer, now: datetime, **values: Any
) -> None:
    """Change a locked agreement to its next version, and write that down."""
    changed = {**row, **values, "version": row["version"] + 1}
    session.connection().execute(
        sa.update(agreements)
        .where(agreements.c.id == row["id"], agreements.c.version == row["version"])
        .values(**values, version=changed["version"])
    )
    _note(session, changed, step, viewer, now)


def _note(session: Session, row: Row, step: str, viewer: Viewer, now: datetime) -> None:
    session.connection().execute(
        sa.insert(changes),
        {
            "agreement_id": row["id"],
            "version": row["version"],
            "status": row["status"],
            "at": now,
            "organization_id": viewer.organization_id,
            "account_id": viewer.account_id,
            "step": step,
        },
    )


def _replace(session: Session, row: Row, viewer: Viewer, now: datetime) -> date:
    """Let the agreement that is replaced end on a Sunday; return the Monday after it."""
    monday: date = max(row["starts_on"], next_monday(now.date()))
    old = find_row(
        session,
        sa.select(agreements).where(agreements.c.id == row["replaces_id"]).with_for_update(),
    )
    others = sa.select(agreements.c.id).where(
        agreements.c.replaces_id == row["replaces_id"], agreements.c.status.in_((ACTIVE, SUSPENDED))
    )
    if session.connection().execute(others).first() is not None:
        raise AgreementStateError
    if old is not None and old["status"] in (ACTIVE, SUSPENDED):
        last = max(old["starts_on"], monday - DAY)
        ends_on = min(last, old["ends_on"] or last)
        _step(session, old, "replaced", viewer, now, ends_on=ends_on)
    return monday


def next_monday(day: date) -> date:
    """Return the first Monday after a day."""
    return week_of(day) + 7 * DAY


def _other_side_asked(session: Session, row: Row, viewer: Viewer) -> bool:
    last = find_row(
        session,
        sa.select(changes).where(
            changes.c.agreement_id == row["id"], changes.c.version == row["version"]
        ),
    )
    return (
        last is not None
        and last["step"] == ASKED_TO_END
        and last["organization_id"] != viewer.organization_id
    )


def _terms_of(draft: AgreementDraft) -> dict[str, Any]:
    names = ("title", "terms", "starts_on", "ends_on", "notice_days", "covers_members")
    return {name: getattr(draft, name) for name in names}


def _add_allotments(session: Session, agreement_id: UUID, draft: AgreementDraft) -> None:
    for allotment in draft.allotments:
        allotment_id = uuid4()
        session.connection().execute(
            sa.insert(allotments),
            {
                "id": allotment_id,
                "agreement_id": agreement_id,
                "places": allotment.places,
                "release_minutes": allotment.release_minutes,
            },
        )
        for table, column, ids in (
            (named_windows, "window_id", allotment.window_ids),
            (named_services, "service_id", allotment.service_ids),
        ):
            for id_ in sorted(set(ids)):
                session.connection().execute(
                    sa.insert(table), {"allotment_id": allotment_id, column: id_}
                )


def _refuse_mistakes(
    session: Session,
    draft: AgreementDraft,
    host_id: UUID,
    partner_id: UUID,
    replaces_id: UUID | None,
) -> None:
    mistakes = [*_wrong_parties(session, host_id, partner_id), *_wrong_terms(draft, replaces_id)]
    for index, allotment in enumerate(draft.allotments):
        mistakes += _wrong_allotment(session, allotment, f"allotments.{index}", host_id)
    if mistakes:
        raise InvalidError(mistakes)


def _wrong_parties(session: Session, host_id: UUID, partner_id: UUID) -> list[FieldError]:
    if host_id == partner_id:
        return [FieldError("partner_organization_id", "An agreement needs two agencies.")]
    known = session.connection().execute(
        sa.select(organizations.c.id).where(organizations.c.id.in_((host_id, partner_id)))
    )
    found = set(known.scalars())
    return [
        FieldError(name, "There is no such agency.")
        for name, id_ in (
            ("host_organization_id", host_id),
            ("partner_organization_id", partner_id),
        )
        if id_ not in found
    ]


def _wrong_terms(draft: AgreementDraft, replaces_id: UUID | None) -> list[FieldError]:
    mistakes = []
    if not draft.title.strip() or len(draft.title) > 120:  # noqa: PLR2004  (as the column)
        mistakes.append(FieldError("title", "Say in 1 to 120 letters what is agreed."))
    if not 0 <= draft.notice_days <= 365:  # noqa: PLR2004  (as the column)
        mistakes.append(FieldError("notice_days", "Give a whole number from 0 to 365."))
    if draft.starts_on.year not in range(2000, 2100):
        mistakes.append(FieldError("starts_on", "Give a day between the years 2000 and 2099."))
    if draft.ends_on is not None and draft.ends_on < draft.starts_on:
        mistakes.append(FieldError("ends_on", "The last day comes before the first."))
    if replaces_id is not None and draft.starts_on.weekday() != 0:
        mistakes.append(FieldError("starts_on", "New terms begin on a Monday."))
    return mistakes


def _wrong_allotment(
    session: Session, allotment: AllotmentDraft, path: str, host_id: UUID
) -> list[FieldError]:
    mistakes = []
    if not 1 <= allotment.places <= 500:  # noqa: PLR2004  (as the column)
        mistakes.append(FieldError(f"{path}.places", "Give a whole number from 1 to 500."))
    if allotment.release_minutes is not None and not 0 <= allotment.release_minutes <= 43_200:  # noqa: PLR2004
        mistakes.append(
            FieldError(f"{path}.release_minutes", "Give a whole number from 0 to 43,200.")
        )
    if not allotment.window_ids and not allotment.service_ids:
        mistakes.append(FieldError(path, "Name at least one window or service."))
    for name, ids, theirs in (
        ("window_ids", allotment.window_ids, _windows_of(host_id)),
        ("service_ids", allotment.service_ids, _services_of(host_id)),
    ):
        found = set(session.connection().execute(theirs, {"ids": list(ids)}).scalars())
        if set(ids) - found:
            mistakes.append(
                FieldError(f"{path}.{name}", "Name what the host offers to others than its staff.")
            )
    return mistakes


def _windows_of(host_id: UUID) -> sa.Select[Any]:
    return sa.select(windows.c.id).where(
        windows.c.id.in_(sa.bindparam("ids", expanding=True)),
        windows.c.organization_id == host_id,
        windows.c.bookable_by != BookableBy.OWN,
    )


def _services_of(host_id: UUID) -> sa.Select[Any]:
    return sa.select(services.c.id).where(
        services.c.id.in_(sa.bindparam("ids", expanding=True)),
        services.c.organization_id == host_id,
    )
