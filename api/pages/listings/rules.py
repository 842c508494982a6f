"""Who can come, on a form: rows that must all fit, rows of which one must, or a rule as it is."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypedDict

from api.eligibility_words import rule_line
from api.languages import Language
from api.languages import marked as _
from api.pages.listings.groups import Data, Group, plain, row_numbers
from api.pages.listings.rule_rows import Row, in_order, new_row, rows_of, rule_of
from api.typed_values import in_english
from directory.eligibility import texts_named
from directory.eligibility_rules import Rule, as_json, parse_rule
from directory.errors import InvalidError
from directory.queries.whole_records import Whole
from directory.search_rules import id_of

#: The two lists of rows.
LISTS: Final = ("all", "any")

KEPT_AND_MORE: Final = _("Choose to replace the conditions, or remove those below.")

#: Of a rule that is there and cannot be read any more.
_UNREADABLE: Final = "unreadable"


KEPT_WORDS: Final = _("Conditions that do not fit into this form, as they are")

#: What a row can be about, in the order in which it is offered.
ABOUT: Final[Mapping[str, str]] = {
    "income_poverty_percent": _("Income, against the poverty line"),
    "income_month": _("Income, in dollars a month"),
    "household_size": _("How many live in the household"),
    "county": _("The county they live in"),
    "zip": _("The ZIP code they live in"),
    "age": _("Age"),
    "children_ages": _("Age of a child they care for"),
    "veteran": _("Veterans"),
    "pregnant": _("Pregnancy"),
    "insurance": _("Health insurance"),
    "housing": _("Housing"),
    "documents": _("Papers they can show"),
    "languages": _("Language they speak"),
}


class Typed(TypedDict):
    """What the form shows: ``kept`` names a rule that does not fit into rows."""

    kept: str
    all: list[Row]
    any: list[Row]


def rules() -> Group:
    """Return the group of the conditions of who can come."""
    return Group("rule", show_rule, read_rule, fill_rule, Typed)


def written_rule(record: Whole | None) -> Rule | None:
    """Return the rule that a service has; None also for one that cannot be read any more."""
    if record is None or record["eligibility_rule"] is None:
        return None
    try:
        return parse_rule(record["eligibility_rule"])
    except InvalidError:
        return None


def show_rule(record: Whole | None) -> Typed:
    """Return the rows of a rule, or which one is kept that does not fit into them."""
    rule = written_rule(record)
    fitting = ([], []) if rule is None else rows_of(rule)
    kept = ""
    if fitting is None and rule is not None:
        kept, fitting = str(id_of(rule)), ([], [])
    elif rule is None and record is not None and record["eligibility_rule"] is not None:
        kept = _UNREADABLE
    all_rows, any_rows = fitting or ([], [])
    return Typed(kept=kept, all=all_rows, any=any_rows)


def read_rule(data: Data) -> Typed:
    """Read the rows of a form: one more where something was chosen to be added, one removed."""
    removed = plain(data.get("do")).removeprefix("rule-remove-")
    return Typed(
        kept=plain(data.get("rule-kept")),
        all=_read_rows(data, "all", removed),
        any=_read_rows(data, "any", removed),
    )


def _read_rows(data: Data, of: str, removed: str) -> list[Row]:
    found = [
        _read_row(data, f"rule-{of}-{n}")
        for n in row_numbers(data, f"rule-{of}")
        if f"{of}-{n}" != removed
    ]
    added = plain(data.get(f"rule-{of}-add"))
    return [*found, new_row(added)] if added else found


def _read_row(data: Data, name: str) -> Row:
    given = data.get(f"{name}-choices") or []
    fact = plain(data.get(f"{name}-fact"))
    choices = {plain(each) for each in (given if isinstance(given, list) else [given])}
    return Row(
        fact=fact,
        least=in_english(plain(data.get(f"{name}-least"))),
        most=in_english(plain(data.get(f"{name}-most"))),
        flag=plain(data.get(f"{name}-flag")),
        text=plain(data.get(f"{name}-text")),
        choices=in_order(fact, choices),
    )


def fill_rule(typed: Typed, record: Whole | None) -> dict[str, Any]:
    """Return the rule that was typed; one that is kept stays whatever else is saved."""
    if typed["kept"] and show_rule(record)["kept"]:
        if typed["all"] or typed["any"]:
            raise InvalidError.of("rule.kept", KEPT_AND_MORE)
        return {}
    written = written_rule(record)
    counties = texts_named(written, "county") if written else frozenset[str]()
    rule = rule_of(typed["all"], typed["any"], known=counties)
    return {"eligibility_rule": None if rule is None else as_json(rule)}


def rule_typed(typed: Typed, record: Whole | None) -> Rule | None:
    """Return the rule that saving would leave. Raises as ``fill_rule`` does."""
    filled = fill_rule(typed, record)
    if "eligibility_rule" not in filled:
        return written_rule(record)
    value = filled["eligibility_rule"]
    return None if value is None else parse_rule(value)


def rule_group_words(typed: Typed, language: Language) -> str:
    """Say what was typed, to lay it beside another version; unfinished rows as they are."""
    if typed["kept"]:
        return language.translate(KEPT_WORDS)
    try:
        rule = rule_of(typed["all"], typed["any"])
    except InvalidError:
        return _as_typed([*typed["all"], *typed["any"]], language)
    return "" if rule is None else rule_line(rule, language)


def about_words(fact: str, language: Language) -> str:
    """Say what a row is about; nothing where that is no fact."""
    return language.translate(ABOUT[fact]) if fact in ABOUT else ""


def _as_typed(rows: Sequence[Row], language: Language) -> str:
    return "; ".join(
        " ".join(
            [
                about_words(row["fact"], language),
                *filter(None, (row["least"], row["most"], row["text"], *row["choices"])),
            ]
        )
        for row in rows
    )
