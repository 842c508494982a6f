"""When and how a listing was last checked, in the words of its readers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton

from api.languages import Language
from api.languages import marked as _
from api.words import Translate
from directory.database import Row
from directory.models.verifications import VerificationMethod, VitalField
from directory.queries.checks import Checks
from directory.queries.verifications import vital_fields_of
from directory.truth import Check, Freshness, freshness, is_claimed

#: What each vital field is called.
FIELD_WORDS = {
    VitalField.HOURS: _("Hours"),
    VitalField.PHONE: _("Phone number"),
    VitalField.ADDRESS: _("Address"),
    VitalField.ELIGIBILITY: _("Who can come"),
    VitalField.DOCUMENTS: _("What to bring"),
    VitalField.COST: _("What it costs"),
    VitalField.OPENINGS: _("Room"),
}

_CHECKED = {
    VerificationMethod.STAFF: _("Checked {when} by the agency"),
    VerificationMethod.LINK: _("Checked {when} by the agency"),
    VerificationMethod.PHONE: _("Checked {when} by phone"),
    VerificationMethod.EMAIL: _("Checked {when} by e-mail"),
    VerificationMethod.VISIT: _("Checked {when} on a visit"),
    VerificationMethod.WEBSITE: _("Checked {when} on their website"),
    VerificationMethod.SOURCE: _("Checked {when} by the directory it comes from"),
}

#: How many days are still counted, and how many of them make a month and a year in words.
DAYS_COUNTED, MONTH_DAYS, YEAR_DAYS = 60, 30, 365


class FieldCheck(NamedTuple):
    """What is said of one vital field of a listing."""

    field: VitalField
    name: str
    state: Freshness
    words: str
    check: Check | None


def when_words(at: datetime, now: datetime, zone: ZoneInfo, *, translate: Translate) -> str:
    """Say how long ago, by the calendar there: "today", "12 days ago", "3 months ago"."""
    days = (now.astimezone(zone).date() - at.astimezone(zone).date()).days
    if days <= 0:
        return translate("today")
    if days == 1:
        return translate("yesterday")
    if days < DAYS_COUNTED:
        return translate("{count} days ago").format(count=days)
    if days < 2 * YEAR_DAYS:
        return translate("{count} months ago").format(count=days // MONTH_DAYS)
    return translate("{count} years ago").format(count=days // YEAR_DAYS)


def check_words(at: datetime, how: str, now: datetime, zone: ZoneInfo, language: Language) -> str:
    """Say when and how somebody last made sure."""
    when = when_words(at, now, zone, translate=language.translate)
    return language.translate(_CHECKED[VerificationMethod(how)]).format(when=when)


def checked_words(entry: Row, now: datetime, language: Language) -> str:
    """Say it of a whole listing; where a part was never checked, of its hours, if they were."""
    zone = ZoneInfo(entry["timezone"])
    if entry["checked_at"] is not None:
        return check_words(entry["checked_at"], entry["checked_how"], now, zone, language)
    disputed = not is_claimed(entry, now)
    if entry["hours_known"] and entry["hours_checked_at"] is not None and not disputed:
        said = check_words(
            entry["hours_checked_at"], entry["hours_checked_how"], now, zone, language
        )
        return f"{language.translate('Hours')}: {said}"
    return language.translate("Not checked yet")


def unclaimed_words(entry: Row, language: Language, now: datetime) -> str:
    """Say why we do not stand by the hours of a listing, and what to do."""
    translate, checked_at = language.translate, entry["hours_checked_at"]
    if checked_at is None:
        return translate("Hours not checked yet; call first")
    if entry["hours_claimed_until"] == checked_at:  # the agency told us, and left it at that
        return translate("The agency says its hours have changed; call first")
    zone = ZoneInfo(entry["timezone"])
    local = checked_at.astimezone(zone)
    skeleton = "MMMM" if local.year == now.astimezone(zone).year else "yMMMM"
    month = format_skeleton(skeleton, local, locale=f"{language.tag}_US")
    return translate("Hours not checked since {month}; call first").format(month=month)


def field_checks(
    entry: Row, checks: Checks, now: datetime, language: Language
) -> Sequence[FieldCheck]:
    """Say it of each vital field that a listing has."""
    zone = ZoneInfo(entry["timezone"])
    return [
        _field_check(field, checks.get(field), now, zone, language)
        for field in vital_fields_of(entry)
    ]


def _field_check(
    field: VitalField, check: Check | None, now: datetime, zone: ZoneInfo, language: Language
) -> FieldCheck:
    translate: Any = language.translate
    if check is None:
        words = translate("Not checked yet")
    elif check.disputed:
        words = translate("The agency says that this has changed; call first")
    else:
        words = check_words(check.checked_at, check.method, now, zone, language)
    state = freshness(field, check.checked_at if check else None, now)
    return FieldCheck(field, translate(FIELD_WORDS[field]), state, words, check)
