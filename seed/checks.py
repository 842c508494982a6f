"""Checks of listings: many, few, that found mistakes, by phone and by link; and old questions."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import cycle
from typing import Any, NamedTuple

from directory.models.verifications import VerificationMethod, VitalField
from directory.tokens import hash_token, new_token
from directory.truth import ASKED_ABOUT
from seed.agencies import AGENCIES, NETWORK_OFFICE
from seed.listings import Offered
from seed.names import row_id
from seed.services import assured_days_ago

#: What an old question came to.
_FATES = ("unanswered", "undelivered", "unanswered", "answered", "unanswered")

#: Since when a listing has to be unchecked for its hours to be old, in days.
_OLD = 200

#: How many of the oldest listings were asked about in vain, at most.
_MOST_QUESTIONS = 20


class Made(NamedTuple):
    """A check that somebody made: so long ago, how, of what, and whether it found a mistake."""

    days: int
    method: VerificationMethod
    fields: Sequence[VitalField] = ASKED_ABOUT
    changed: bool = False


_HOURS_AND_PHONE = (VitalField.HOURS, VitalField.PHONE)

#: Every service gets one of these in turn; without any, its source's word is all there is.
_MADE: tuple[tuple[Made, ...], ...] = (
    (Made(12, VerificationMethod.PHONE),),
    (),
    (Made(40, VerificationMethod.STAFF), Made(2, VerificationMethod.STAFF)),
    (),
    (Made(5, VerificationMethod.WEBSITE, _HOURS_AND_PHONE),),
    (Made(130, VerificationMethod.LINK), Made(31, VerificationMethod.LINK)),
    (),
    (Made(90, VerificationMethod.PHONE, _HOURS_AND_PHONE, changed=True),),
    (Made(1, VerificationMethod.VISIT),),
)


def check_rows(offered: Sequence[Offered], *, now: datetime) -> Iterator[dict[str, Any]]:
    """Yield the checks of every service whose source's word is not old, newest and older."""
    office = next(agency.name for agency in AGENCIES if agency.key == NETWORK_OFFICE)
    own = (VerificationMethod.STAFF, VerificationMethod.LINK)
    services = [each for each in _services(offered) if assured_days_ago(each.service_id) < _OLD]
    for each, made in zip(services, cycle(_MADE), strict=False):
        for check in made:
            for field in check.fields:
                yield {
                    "id": row_id(each.service_id, "check", check.days, field),
                    "service_id": each.service_id,
                    "field": field,
                    "method": check.method,
                    "changed": check.changed,
                    "verified_at": now - timedelta(days=check.days),
                    "said_by": each.agency.name if check.method in own else office,
                }


def request_rows(offered: Sequence[Offered], *, now: datetime) -> Iterator[dict[str, Any]]:
    """Yield questions about some of the oldest listings, all over by now."""
    old = [each for each in _services(offered) if assured_days_ago(each.service_id) >= _OLD]
    for number, (each, fate) in enumerate(zip(old[:_MOST_QUESTIONS], cycle(_FATES), strict=False)):
        asked_at = now - timedelta(days=70 + number)
        ended = {"undelivered": 1, "answered": 4}.get(fate, 21)
        closed_at = asked_at + timedelta(days=ended)
        yield {
            "id": row_id(each.service_id, "question"),
            "service_id": each.service_id,
            "email": f"{each.offer_key}@{each.agency.domain}",
            "token_hash": hash_token(new_token()),  # it is closed: nobody has the link
            "asked_at": asked_at,
            "expires_at": asked_at + timedelta(days=21),
            "reminded_at": asked_at + timedelta(days=7) if fate == "unanswered" else None,
            "answered_at": closed_at if fate == "answered" else None,
            "undelivered_at": closed_at if fate == "undelivered" else None,
            "closed_at": closed_at,
        }


def answer_rows(offered: Sequence[Offered], *, now: datetime) -> Iterator[dict[str, Any]]:
    """Yield what the answered questions came to: still right, by the link."""
    agencies = {each.service_id: each.agency.name for each in _services(offered)}
    for question in request_rows(offered, now=now):
        for field in ASKED_ABOUT if question["answered_at"] else ():
            yield {
                "id": row_id(question["id"], "answer", field),
                "service_id": question["service_id"],
                "field": field,
                "method": VerificationMethod.LINK,
                "changed": False,
                "verified_at": question["answered_at"],
                "said_by": agencies[question["service_id"]],
            }


def _services(offered: Sequence[Offered]) -> list[Offered]:
    """Return each service once, in order."""
    return list({each.service_id: each for each in offered}.values())
