"""How often one address may do what anybody may."""

from datetime import timedelta

import pytest

from api.throttle import Throttle, TooManyRequestsError
from tests.conftest import NOON

MINUTE = timedelta(minutes=1)


def test_address_may_so_often_within_the_time_and_again_later() -> None:
    throttle = Throttle(10 * MINUTE)
    for minute in range(3):
        throttle.count("192.0.2.1", 3, now=NOON + minute * MINUTE)

    with pytest.raises(TooManyRequestsError):
        throttle.count("192.0.2.1", 3, now=NOON + 9 * MINUTE)
    throttle.count("192.0.2.1", 3, now=NOON + 10 * MINUTE)


def test_others_are_not_held_up() -> None:
    throttle = Throttle(10 * MINUTE)
    throttle.count("192.0.2.1", 1, now=NOON)

    throttle.count("192.0.2.2", 1, now=NOON)


def test_flood_from_everywhere_does_not_make_the_limit_vanish() -> None:
    throttle = Throttle(10 * MINUTE, most_addresses=2)
    for host in (1, 2):
        throttle.count(f"192.0.2.{host}", 1, now=NOON)

    with pytest.raises(TooManyRequestsError):
        throttle.count("192.0.2.3", 1, now=NOON)
    with pytest.raises(TooManyRequestsError):
        throttle.count("192.0.2.1", 1, now=NOON)


def test_quiet_addresses_are_forgotten() -> None:
    throttle = Throttle(10 * MINUTE, most_addresses=1)
    throttle.count("192.0.2.1", 1, now=NOON)

    throttle.count("192.0.2.2", 1, now=NOON + 10 * MINUTE)
