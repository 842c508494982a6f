"""Who belongs to a consortium: the lead agency invites, a member accepts, either ends it."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import find_row, insert_into
from directory.errors import InvalidError, NotFoundError
from directory.viewer import Viewer
from scheduling.bookable import members
from scheduling.models import TABLES
from scheduling.models.agreements import MemberStatus

organizations = TABLES["organization"]


def invite_member(session: Session, member_id: UUID, *, viewer: Viewer, now: datetime) -> None:
    """Invite an agency to book under the agreements of the viewer's, the lead agency.

    Inviting again changes nothing for one that is a member or has been invited.
    """
    if member_id == viewer.organization_id:
        raise InvalidError.of("organization_id", "Your agency is the lead already.")
    known = sa.select(organizations.c.id).where(organizations.c.id == member_id)
    if find_row(session, known) is None:
        raise InvalidError.of("organization_id", "There is no such agency.")
    invited = {"status": MemberStatus.INVITED, "invited_at": now, "changed_at": now}
    insert = insert_into(session, members).values(
        lead_organization_id=viewer.organization_id, member_organization_id=member_id, **invited
    )
    session.connection().execute(
        insert.on_conflict_do_update(
            index_elements=["lead_organization_id", "member_organization_id"],
            set_=invited,
            where=members.c.status == MemberStatus.LEFT,
        )
    )


def accept_invitation(session: Session, lead_id: UUID, *, viewer: Viewer, now: datetime) -> None:
    """Become a member of a consortium that the viewer's agency was invited to."""
    _change(session, lead_id, viewer.organization_id, MemberStatus.ACTIVE, now)


def leave_consortium(
    session: Session, lead_id: UUID, member_id: UUID, *, viewer: Viewer, now: datetime
) -> None:
    """End a membership, for the member or for the lead. What has been booked stands."""
    if viewer.organization_id not in (lead_id, member_id):
        raise NotFoundError("member")
    _change(session, lead_id, member_id, MemberStatus.LEFT, now)


def _change(
    session: Session, lead_id: UUID, member_id: UUID | None, status: MemberStatus, now: datetime
) -> None:
    changed = session.connection().execute(
        sa.update(members)
        .where(
            members.c.lead_organization_id == lead_id,
            members.c.member_organization_id == member_id,
            members.c.status != MemberStatus.LEFT,
        )
        .values(status=status, changed_at=now)
    )
    if changed.rowcount == 0:
        raise NotFoundError("member")
