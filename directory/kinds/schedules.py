"""Published opening hours, as they are edited."""

from collections.abc import Iterator
from datetime import date

from msgspec import UNSET, UnsetType

from directory import field_rules as rules
from directory.errors import FieldError
from directory.kinds.specs import Flag, Part, Spec, Text, Values, Whole

Day = date | UnsetType | None

_MOST_WEEKS = 52
_MOST_TIMES = 1000


class ScheduleDraft(Part):
    """One line of opening hours (``directory.opening_rules``); clock readings are HH:MM."""

    valid_from: Day = UNSET
    valid_to: Day = UNSET
    dtstart: Day = UNSET
    until: Day = UNSET
    count: Whole = UNSET
    freq: Text = UNSET
    repeat_interval: Whole = UNSET
    byday: Text = UNSET
    bymonthday: Text = UNSET
    description: Text = UNSET
    opens_at: Text = UNSET
    closes_at: Text = UNSET
    schedule_link: Text = UNSET
    attending_type: Text = UNSET
    notes: Text = UNSET
    by_appointment: Flag = UNSET


def _makes_sense(values: Values) -> Iterator[FieldError]:
    if (values["opens_at"] is None) != (values["closes_at"] is None):
        missing = "closes_at" if values["closes_at"] is None else "opens_at"
        yield FieldError(missing, "Give both when it opens and when it closes, or neither.")
    if None not in (values["valid_from"], values["valid_to"]) and (
        values["valid_to"] < values["valid_from"]
    ):
        yield FieldError("valid_to", "The last day comes before the first.")
    if values["freq"] is None and not (values["valid_from"] and values["valid_to"]):
        has_day = values["dtstart"] or values["description"] or values["by_appointment"]
        if not has_day:
            yield FieldError("freq", "Say on which days: every week, or from one day to another.")


SCHEDULE = Spec(
    "schedule",
    "opening hours",
    {
        "valid_from": rules.as_is,
        "valid_to": rules.as_is,
        "dtstart": rules.as_is,
        "until": rules.as_is,
        "count": rules.whole(1, _MOST_TIMES),
        "freq": rules.one_word_of("WEEKLY", "MONTHLY"),
        "repeat_interval": rules.whole(1, _MOST_WEEKS),
        "byday": rules.byday,
        "bymonthday": rules.bymonthday,
        "description": rules.words(1000),
        "opens_at": rules.clock,
        "closes_at": rules.clock,
        "schedule_link": rules.web_address,
        "attending_type": rules.short,
        "notes": rules.words(1000),
        "by_appointment": rules.as_is,
    },
    together=_makes_sense,
)
