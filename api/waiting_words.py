"""What is said about waiting: for what, at which place in line, how long, and why passed over."""

from collections.abc import Callable
from datetime import date

from api.languages import Language
from api.languages import marked as _
from directory.database import Row
from directory.needs import NEEDS_BY_CODE
from scheduling.models.waitlists import WaitlistKind
from scheduling.queries.standings import Standing
from scheduling.waiting import SkipReason

REASON_WORDS = {
    SkipReason.NOT_OPEN_TO_YOU: _("It was not open to you"),
    SkipReason.DOES_NOT_SUIT: _("It was outside the hours that suit"),
    SkipReason.TOO_MANY_PLACES: _("It had too few places"),
    SkipReason.HAD_THIS_OFFER: _("It had been offered before"),
    SkipReason.HAS_AN_OFFER: _("Another offer was waiting for an answer"),
    SkipReason.CLIENT_BUSY: _("The client had something else at that time"),
    SkipReason.OUT_OF_DATES: _("It was outside the days that suit"),
    SkipReason.TOO_FAR: _("It was too far away"),
}
assert set(REASON_WORDS) == set(SkipReason)  # noqa: S101  (each reason has its words)

ENTRY_WORDS = {
    "waiting": _("Waiting"),
    "booked": _("Booked"),
    "left": _("No longer waiting"),
    "expired": _("The last day has passed"),
}


def target_words(entry: Row, language: Language, day: Callable[[date], str]) -> str:
    """Say what somebody waits for. ``day`` says a date."""
    translate, host = language.translate, entry["host_name"] or ""
    kind = entry["kind"]
    if kind is WaitlistKind.NEED:
        return _need_words(entry, language)
    if kind is WaitlistKind.ORGANIZATION:
        return translate("Anything at {agency}").format(agency=host)
    if kind is WaitlistKind.SERVICE:
        service = f"{entry['service_name']}, {host}"
        return translate("{service}, at any of its places").format(service=service)
    if kind is WaitlistKind.SERVICE_AT_LOCATION:
        parts = (entry["service_name"], host, entry["location_name"])
        return ", ".join(part for part in parts if part)
    when = f": {day(entry['event_on'])}" if entry["event_on"] else ""
    return f"{entry['title']}, {host}{when}"


def _need_words(entry: Row, language: Language) -> str:
    need = NEEDS_BY_CODE.get(entry["need"])
    name = language.translate(need.name) if need else entry["need"]
    if entry["within_km"] is None:
        return language.translate("{need}, anywhere").format(need=name)
    return language.translate("{need}, nearby").format(need=name)


def position_words(standing: Standing, language: Language) -> str:
    """Say how many may be asked first."""
    ahead = standing.position - 1
    if ahead == 0:
        return language.translate("You are the first in line.")
    if ahead == 1:
        return language.translate("At most one is ahead of you.")
    return language.translate("At most {count} are ahead of you.").format(count=ahead)


def wait_words(standing: Standing, language: Language) -> str:
    """Say how long it may take, by what was offered in the last eight weeks."""
    translate, wait = language.translate, standing.wait
    if wait is None:
        return translate("How long it takes we cannot say yet: too few places came up lately.")
    if wait.to_weeks is None:
        return translate("By what came up lately it may take a year or longer.")
    if wait.to_weeks == 1:
        return translate("By what came up lately it may take less than a week.")
    if wait.from_weeks == 0:
        return translate("By what came up lately it may take up to {to} weeks.").format(
            to=wait.to_weeks
        )
    return translate("By what came up lately it may take {from_} to {to} weeks.").format(
        from_=wait.from_weeks, to=wait.to_weeks
    )
