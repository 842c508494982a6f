"""Ages, claims and risks: the rules, by themselves."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.models.verifications import VerificationMethod, VitalField
from directory.truth import (
    LIFETIMES,
    NEVER_CHECKED,
    Asking,
    Check,
    Freshness,
    claimed_until,
    error_rate,
    freshness,
    is_verified,
    oldest_check,
    risk,
)
from tests.conftest import NOON

DAY = timedelta(days=1)
HOURS, PHONE = VitalField.HOURS, VitalField.PHONE
LIFETIME = LIFETIMES[HOURS]


def check(age: timedelta, field: VitalField = HOURS, *, disputed: bool = False) -> Check:
    return Check(
        field=field,
        checked_at=NOON - age,
        method=VerificationMethod.PHONE,
        said_by="Lanternfish",
        changed=disputed,
        disputed=disputed,
    )


COUNTS = st.integers(0, 10_000)
AGES = st.none() | st.timedeltas(timedelta(0), timedelta(days=4000))


@pytest.mark.parametrize("field", VitalField)
def test_a_check_is_fresh_then_ageing_then_old(field: VitalField) -> None:
    life = LIFETIMES[field]
    second = timedelta(seconds=1)

    assert freshness(field, NOON, NOON + life / 2 - second) is Freshness.FRESH
    assert freshness(field, NOON, NOON + life / 2) is Freshness.AGEING
    assert freshness(field, NOON, NOON + life - second) is Freshness.AGEING
    assert freshness(field, NOON, NOON + life) is Freshness.OLD
    assert freshness(field, None, NOON) is Freshness.NEVER


def test_a_listing_is_verified_when_all_it_has_is() -> None:
    checks = {HOURS: check(DAY), PHONE: check(400 * DAY, PHONE)}

    assert is_verified([HOURS], checks, NOON)
    assert not is_verified([HOURS, PHONE], checks, NOON)  # the phone's check is too old
    assert not is_verified([HOURS, VitalField.COST], checks, NOON)
    assert not is_verified([HOURS], {HOURS: check(DAY, disputed=True)}, NOON)


def test_a_listing_says_its_oldest_check_and_none_if_a_part_was_never_checked() -> None:
    checks = {HOURS: check(9 * DAY), PHONE: check(3 * DAY, PHONE)}

    assert oldest_check([HOURS, PHONE], checks) == checks[HOURS]
    assert oldest_check([PHONE], checks) == checks[PHONE]
    assert oldest_check([HOURS, VitalField.COST], checks) is None
    assert oldest_check([HOURS], {HOURS: check(DAY, disputed=True)}) is None
    assert oldest_check([], checks) == checks[HOURS]
    assert oldest_check([], {}) is None


ASKINGS = st.lists(
    st.builds(
        lambda ago, days: Asking(NOON - ago, NOON - ago + days),
        st.timedeltas(timedelta(0), timedelta(days=900)),
        st.timedeltas(timedelta(days=1), timedelta(days=40)),
    ),
    max_size=5,
)


@given(
    age=st.none() | st.timedeltas(timedelta(0), timedelta(days=900)),
    askings=ASKINGS,
    later=st.timedeltas(timedelta(days=-900), timedelta(days=900)),
)
def test_hours_fall_when_they_are_old_and_a_question_about_them_is_past_its_deadline(
    age: timedelta | None, askings: list[Asking], later: timedelta
) -> None:
    """The stored instant, against the two conditions looked at separately at any moment."""
    now = NOON + later
    hours = None if age is None else check(age)
    since = None if hours is None else hours.checked_at
    about_them = [each for each in askings if since is None or each.asked_at > since]
    unanswered = any(each.expires_at <= now for each in about_them)
    begins = since or min((each.asked_at for each in about_them), default=now)
    old = begins + LIFETIME <= now

    until = claimed_until(hours, askings)

    assert (until is not None and until <= now) == (unanswered and old)


def test_hours_that_nobody_was_asked_about_are_claimed_however_old() -> None:
    assert claimed_until(None, []) is None
    assert claimed_until(check(3000 * DAY), []) is None


def test_an_answer_takes_every_earlier_question_away() -> None:
    asked = Asking(NOON - 300 * DAY, NOON - 279 * DAY)

    assert claimed_until(check(299 * DAY), [asked]) is None


def test_disputed_hours_fall_at_once() -> None:
    assert claimed_until(check(DAY, disputed=True), []) == NOON - DAY


@given(uses=COUNTS, age=AGES, changed=COUNTS, right=COUNTS, more=st.integers(1, 1000))
def test_risk_rises_with_use(
    uses: int, age: timedelta | None, changed: int, right: int, more: int
) -> None:
    checks = changed + right
    little = risk(uses=uses, age=age, checks=checks, changed=changed)

    assert risk(uses=uses + more, age=age, checks=checks, changed=changed) >= little
    if age != timedelta(0):
        assert risk(uses=uses + more, age=age, checks=checks, changed=changed) > little


@given(uses=COUNTS, age=AGES, changed=COUNTS, right=COUNTS, older=AGES)
def test_risk_never_falls_with_age_and_never_checked_is_oldest(
    uses: int, age: timedelta | None, changed: int, right: int, older: timedelta | None
) -> None:
    def at(age: timedelta | None) -> float:
        return risk(uses=uses, age=age, checks=changed + right, changed=changed)

    assert at(None) >= at(age)
    if age is not None and (older is None or older >= age):
        assert at(older) >= at(age)


@given(uses=COUNTS, age=AGES, checks=st.integers(1, 10_000), data=st.data())
def test_risk_rises_with_the_mistakes_that_checks_found(
    uses: int, age: timedelta | None, checks: int, data: st.DataObject
) -> None:
    changed = data.draw(st.integers(0, checks - 1))

    few = risk(uses=uses, age=age, checks=checks, changed=changed)
    many = risk(uses=uses, age=age, checks=checks, changed=changed + 1)

    assert many > few if age != timedelta(0) else many == few == 0


@given(checks=COUNTS, data=st.data())
def test_error_rate_is_a_share_that_is_never_certain(checks: int, data: st.DataObject) -> None:
    changed = data.draw(st.integers(0, checks))

    assert 0 < error_rate(checks=checks, changed=changed) < 1
    assert error_rate(checks=0, changed=0) == 0.25


def test_risk_is_the_documented_product() -> None:
    assert risk(uses=9, age=30 * DAY, checks=6, changed=1) == pytest.approx(10 * 30 * 2 / 10)
    assert risk(uses=0, age=None, checks=0, changed=0) == pytest.approx(3 * 365 / 4)
    assert risk(uses=0, age=2 * NEVER_CHECKED, checks=0, changed=0) == pytest.approx(3 * 365 / 4)
    assert risk(uses=5, age=-DAY, checks=0, changed=0) == 0
