"""Where somebody is said to stand in line is the order in which offers go out."""

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from directory.database import find_rows
from directory.viewer import PUBLIC
from scheduling.lines import offers
from scheduling.models.agreements import ConsortiumMember, MemberStatus
from scheduling.queries.standings import find_standings
from tests.conftest import NOON
from tests.factories import make_agreement, make_organization, make_viewer
from tests.scheduling.lining_up import cancel, entry_row, fill, lay_out, line_up

MINUTE = timedelta(minutes=1)

#: The lead's agreement and the membership, and whether the member comes before the public then.
COVERED: dict[str, tuple[dict[str, Any], MemberStatus, bool]] = {
    "a member": ({"covers_members": True}, MemberStatus.ACTIVE, True),
    "members are not covered": ({"covers_members": False}, MemberStatus.ACTIVE, False),
    "only invited": ({"covers_members": True}, MemberStatus.INVITED, False),
    "left": ({"covers_members": True}, MemberStatus.LEFT, False),
    "before the slots": (
        {"covers_members": True, "ends_on": date(2030, 6, 3)},
        MemberStatus.ACTIVE,
        False,
    ),
}


@pytest.mark.parametrize("case", COVERED)
def test_standing_is_the_order_of_offers_with_a_consortium_in_line(
    session: Session, case: str
) -> None:
    terms, membership, is_first = COVERED[case]
    scene = lay_out(session, horizon_days=7)
    lead, member = (make_organization(session, name) for name in ("Lead", "Member"))
    make_agreement(session, scene.host.organization_id, lead.id, **terms)  # type: ignore[arg-type]
    session.add(
        ConsortiumMember(
            lead_organization_id=lead.id,
            member_organization_id=member.id,
            status=membership,
            invited_at=NOON,
            changed_at=NOON,
        )
    )
    session.flush()
    booked = [fill(session, slot_id, scene.host) for slot_id in scene.slots]
    in_line = {
        "public": line_up(session, scene, PUBLIC),
        "stranger": line_up(session, scene, scene.stranger, now=NOON + MINUTE),
        "member": line_up(session, scene, make_viewer(session, member), now=NOON + 2 * MINUTE),
        "partner": line_up(session, scene, scene.partner, now=NOON + 3 * MINUTE),
    }
    now = NOON + 4 * MINUTE

    standings = find_standings(
        session, [entry_row(session, each) for each in in_line.values()], now=now
    )
    said = sorted(in_line, key=lambda name: standings[in_line[name].id].position)
    for appointment_id in booked:
        now += MINUTE
        cancel(session, appointment_id, scene.host, now)
    made = find_rows(session, sa.select(offers).order_by(offers.c.offered_at))
    names = {each.id: name for name, each in in_line.items()}

    assert [standing.position for standing in standings.values()].count(1) == 1
    assert said == [names[row["entry_id"]] for row in made]
    assert (said.index("member") < said.index("public")) == is_first
    assert said.index("public") < said.index("stranger")
