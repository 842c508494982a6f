"""What other terms of an agreement change, in words."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple, Protocol

from api.languages import Language
from scheduling.models.agreements import Agreement

MINUTES = 60


class SaysDays(Protocol):
    """Says days to a reader; ``api.pages.times.Times`` does."""

    @property
    def language(self) -> Language:
        """The reader's language."""

    def short_day(self, day: date) -> str:
        """Name a day shortly."""


class Difference(NamedTuple):
    """One of the terms, as it is and as it would be; several lines where it is several things."""

    name: str
    before: Sequence[str]
    after: Sequence[str]


class Terms(NamedTuple):
    """An agreement, and its allotments as ``find_allotments`` returns them."""

    agreement: Agreement
    allotments: Sequence[Mapping[str, Any]]


def differences(before: Terms, after: Terms, says: SaysDays) -> list[Difference]:
    """Return what differs, in the order in which an agreement's page says it."""
    old, new = dict(_said(before, says)), dict(_said(after, says))
    return [Difference(name, old[name], new[name]) for name in new if old[name] != new[name]]


def _said(terms: Terms, says: SaysDays) -> Iterator[tuple[str, list[str]]]:
    agreement, translate = terms.agreement, says.language.translate
    yield translate("Title"), [agreement.title]
    yield translate("What you agree on, in words"), [agreement.terms] if agreement.terms else []
    yield translate("First day"), [says.short_day(agreement.starts_on)]
    yield translate("Last day"), [says.short_day(agreement.ends_on)] if agreement.ends_on else []
    yield translate("Days of notice"), [str(agreement.notice_days)]
    members = translate("It covers the members of their consortium too.")
    yield translate("Members"), [members] if agreement.covers_members else []
    yield translate("How much"), sorted(allotment_words(row, says) for row in terms.allotments)


def allotment_words(row: Mapping[str, Any], says: SaysDays) -> str:
    """Say an allotment: ``"2 places a week: Intake. What is unused is for everyone ..."``."""
    translate = says.language.translate
    count = (
        translate("%(num)s place a week")
        if row["places"] == 1
        else translate("%(num)s places a week")
    )
    named = ", ".join(each["name"] for each in (*row["windows"], *row["services"]))
    words = f"{count % {'num': row['places']}}: {named}."
    if row["release_minutes"] is None:
        return words
    unused = translate("What is unused is for everyone %(hours)s hours before.")
    return f"{words} {unused % {'hours': row['release_minutes'] // MINUTES}}"
