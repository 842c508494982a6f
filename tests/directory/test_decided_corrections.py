"""Hours that an agency said had changed are claimed again once its correction is decided."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from directory.commands.asking import FieldAnswer, answer_request
from directory.commands.suggestions import decide_suggestion
from directory.index import find_stale_services
from directory.models.accounts import Role
from directory.models.history import Suggestion
from directory.models.verifications import VitalField
from directory.queries.verifications import get_entry
from tests.conftest import NOON
from tests.directory.test_asking import ask_about
from tests.directory.test_verifications import listing
from tests.factories import make_organization, make_viewer


@pytest.mark.parametrize("accepted", [True, False])
def test_a_decided_correction_ends_the_dispute(session: Session, *, accepted: bool) -> None:
    offer = listing(session)
    token = ask_about(session, offer)
    later = NOON + timedelta(days=1)
    changed = {VitalField.HOURS: FieldAnswer(changed=True, words="Mornings")}
    answer_request(session, token, changed, now=later)
    assert get_entry(session, offer.id)["hours_claimed_until"] == later
    told = session.exec(select(Suggestion)).one()
    viewer = make_viewer(session, make_organization(session, "Office"), Role.ADMINISTRATOR)

    decide_suggestion(session, told.id, accepted=accepted, answer=None, viewer=viewer, now=later)
    session.flush()

    assert find_stale_services(session, now=later) == set()
    assert get_entry(session, offer.id)["hours_claimed_until"] is None
