"""The part of a form about who can come: its rows, what they say together, and a trial of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, NamedTuple

from sqlmodel import Session

from api.eligibility_words import CHOICES, Said, choice_words, limit_words, rule_words
from api.languages import Language
from api.pages.listings.forms import errors_on_form
from api.pages.listings.groups import Data, plain
from api.pages.listings.rule_rows import Row, sort_of
from api.pages.listings.rule_trial import Ask, asks_of, try_rule
from api.pages.listings.rules import ABOUT, about_words, rule_typed, written_rule
from directory.contradictions import lets_nobody_in
from directory.eligibility import all_of
from directory.eligibility_rules import Condition, Rule, as_json, rule_from_ages
from directory.errors import InvalidError
from directory.folding import fold
from directory.queries.situations import find_situations
from directory.queries.whole_records import Whole
from directory.service_rules import service_rule

#: Languages to tick, by their codes (ISO 639): those that most people in the United States speak
#: at home, and American Sign Language. A rule may name any other.
LANGUAGES: Final = (
    *("am", "ar", "ase", "bn", "en", "es", "fa", "fr", "hi", "ht", "ko", "my", "ne", "pl", "ps"),
    *("pt", "ru", "so", "sw", "tl", "uk", "ur", "vi", "zh"),
)

#: Buttons that need all rows filled in; those that only change which rows there are do not.
TRY: Final = "rule-try"
_READ: Final = ("rule-say", TRY)


class Sent(NamedTuple):
    """All that a form sent, and which poverty line counts for a trial, as in ``read_facts``."""

    data: Data
    state: str | None
    on: date

    @property
    def button(self) -> str:
        """Which button was pressed."""
        return plain(self.data.get("do"))


@dataclass(frozen=True, slots=True)
class Section:
    """What the template needs beside what was typed.

    ``said`` is the whole rule of the service as it would be once saved, None where nothing is
    said; ``unfinished``: a row cannot be read yet. ``kept`` says a rule that does not fit into
    rows. ``nobody``: it is sure that nobody of the ages above fits. ``verdict`` is what a trial
    found.
    """

    language: Language
    said: Said | None = None
    unfinished: bool = False
    kept: Said | None = None
    nobody: bool = False
    asks: tuple[Ask, ...] = ()
    verdict: str = ""
    errors: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def about(self) -> list[tuple[str, str]]:
        """What a row can be about, with the words for it."""
        return [(fact, self.language.translate(words)) for fact, words in ABOUT.items()]

    def title(self, row: Row) -> str:
        """Say what a row is about; nothing where that is no fact."""
        return about_words(row["fact"], self.language)

    def sort(self, row: Row) -> str:
        """Return which fields a row has; none where it is about nothing that we know."""
        return sort_of(row["fact"]) or ""

    def number(self, text: str) -> str:
        """Return a number as it stands in its field, in the reader's language."""
        count, _, unit = text.rpartition(" ")
        if unit != "months":
            return text
        return self.language.translate("{count} months").format(count=count)

    def flags(self, row: Row) -> list[tuple[str, str]]:
        """Return the two ways in which a yes-or-no fact can be, in words."""
        return [
            (value, limit_words(Condition(row["fact"], value == "yes"), self.language, facts={}))
            for value in ("yes", "no")
        ]

    def choices(self, row: Row) -> list[tuple[str, str]]:
        """Return what can be ticked in a row, in words; languages by their names."""
        fact = row["fact"]
        listed = CHOICES.get(fact) or {*LANGUAGES, *row["choices"]}
        named = [(each, choice_words(fact, each, self.language)) for each in listed]
        return sorted(named, key=_by_name) if fact == "languages" else named


def _by_name(choice: tuple[str, str]) -> str:
    return fold(choice[1])


def section_of(
    session: Session,
    record: Whole | None,
    typed: Mapping[str, Any],
    language: Language,
    sent: Sent | None,
) -> Section:
    """Return what is shown of who can come; ``sent`` is None if no button of it was pressed."""
    do = sent.button if sent else ""
    stored = written_rule(record)
    kept = rule_words(stored, language) if stored and typed["rule"]["kept"] else None
    try:
        written = rule_typed(typed["rule"], record)
    except InvalidError as error:
        errors = errors_on_form(error) if do in _READ else {}
        return Section(language, unfinished=True, kept=kept, errors=errors)
    whole = _whole(session, record, typed, written)
    asks = () if whole is None else tuple(asks_of(whole, sent.data if sent else {}, language))
    verdict, errors = "", {}
    if sent is not None and do == TRY and whole is not None:
        try:
            verdict = try_rule(whole, sent.data, language, state=sent.state, on=sent.on)
        except InvalidError as error:
            errors = errors_on_form(error)
    return Section(
        language,
        said=None if whole is None else rule_words(whole, language),
        kept=kept,
        nobody=_lets_nobody_in(typed, written),
        asks=asks,
        verdict=verdict,
        errors=errors,
    )


def _whole(
    session: Session, record: Whole | None, typed: Mapping[str, Any], written: Rule | None
) -> Rule | None:
    """Return the rule of the service as it would be once the form is saved."""
    return service_rule(
        **_ages(typed),
        written=None if written is None else as_json(written),
        situations=find_situations(session, record["id"]) if record else (),
        documents=_lines(typed["documents"]),
    )


def _lines(text: str) -> Iterator[str]:
    return filter(None, map(str.strip, text.split("\n")))


def _ages(typed: Mapping[str, Any]) -> dict[str, float | None]:
    """Return the ages that were typed; what is no number yet limits nobody."""
    found: dict[str, float | None] = {}
    for name in ("minimum_age", "maximum_age"):
        try:
            found[name] = float(typed[name])
        except ValueError:
            found[name] = None
    return found


def _lets_nobody_in(typed: Mapping[str, Any], written: Rule | None) -> bool:
    rule = all_of(rule_from_ages(**_ages(typed)), written)
    return rule is not None and lets_nobody_in(rule)
