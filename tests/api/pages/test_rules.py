"""Who can come, said by a publisher who never sees JSON and runs no script."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from httpx import Response
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from api.languages import language
from api.pages.listings.forms import FORMS
from api.pages.listings.groups import flattened
from api.pages.listings.history_words import value_words
from api.pages.listings.rule_rows import sort_of
from api.pages.listings.rules import ABOUT, fill_rule, read_rule, show_rule
from api.typed_values import read_number, written_number
from directory.eligibility import conditions_in
from directory.eligibility_facts import FACTS
from directory.eligibility_rules import (
    Condition,
    Group,
    Range,
    Rule,
    as_json,
    canonical,
    parse_rule,
)
from directory.index import refresh_services
from directory.models.accounts import Role
from directory.models.locations import Address
from directory.models.services import Service
from directory.models.taxonomies import Attribute, Taxonomy, TaxonomyTerm
from directory.models.verifications import VitalField
from directory.queries.verifications import get_entry, vital_fields_of
from tests.api.pages.browsing import goes_to
from tests.api.pages.test_listings import Desk, Fields, desk, words
from tests.conftest import NOON
from tests.directory.eligibility_made import rules as any_rules

__all__ = ["desk"]

POOR = {"fact": "income_poverty_percent", "at_most": 200}
VETERAN = {"fact": "veteran", "is": True}
#: Alternatives of which one is all of several: no rows can say that.
DEEP = {"any": [VETERAN, {"all": [{"fact": "zip", "is": "48933"}, POOR]}]}


def press(desk: Desk, page: Response, do: str, **filled_in: Any) -> Response:
    return desk.fill(page, desk.paths["services"], do=do, **filled_in)


def rule_of(desk: Desk) -> Any:
    (service,) = desk.rows(Service, id=desk.service)
    return service["eligibility_rule"]


def keep(desk: Desk, rule: Any) -> None:
    with desk.scene.database.transaction() as session:
        session.get_one(Service, desk.service).eligibility_rule = rule
        session.flush()
        refresh_services(session, [desk.service], now=NOON)


def public(desk: Desk) -> str:
    return words(desk.open(f"/services/{desk.scene.offer}"))


# ------------------------------------------------------------------ every rule that fits into rows


def _ranges(fact: str) -> st.SearchStrategy[Range]:
    low, high = FACTS[fact].low, FACTS[fact].high
    number: st.SearchStrategy[float] = st.integers(low, high)
    if fact != "household_size":
        number = number | st.floats(low, high) | st.integers(0, 36).map(lambda n: n / 12)
    pairs = st.tuples(number, number).map(sorted).map(lambda pair: Range(*pair))
    return pairs | number.map(Range) | number.map(lambda most: Range(None, most))


_TEXTS = {
    "county": ["MI:Ingham County", "OH:Clinton County", "MN:Lake Wobble County"],
    "zip": ["48933", "48910", "00501"],
    "housing": FACTS["housing"].choices,
}


def _tests(fact: str) -> st.SearchStrategy[Any]:
    if sort_of(fact) == "range":
        return _ranges(fact)
    if sort_of(fact) == "flag":
        return st.booleans()
    if fact in _TEXTS:
        return st.sets(st.sampled_from(_TEXTS[fact]), min_size=1).map(lambda s: tuple(sorted(s)))
    return st.sampled_from(FACTS[fact].choices or ("es", "en", "tlh"))


conditions = st.one_of(*(st.builds(Condition, st.just(fact), _tests(fact)) for fact in FACTS))
#: One of several papers, insurances or languages, in the order of the form: ticks of one row.
one_of_several = st.sampled_from(["insurance", "documents"]).flatmap(
    lambda fact: st.sets(st.sampled_from(FACTS[fact].choices), min_size=2).map(
        lambda chosen: Group(
            "any", tuple(Condition(fact, each) for each in FACTS[fact].choices if each in chosen)
        )
    )
)
fitting = (
    st.tuples(
        st.lists(conditions | one_of_several, max_size=4),
        st.lists(conditions, max_size=4).map(
            lambda parts: [Group("any", tuple(parts))] * bool(parts)
        ),
    )
    .filter(any)
    .map(lambda pair: canonical(Group("all", (*pair[0], *pair[1]))))
)


def json_of(rule: Rule) -> dict[str, Any]:
    return as_json(parse_rule(as_json(rule)))


@given(rule=fitting)
def test_a_rule_that_fits_is_the_same_after_it_was_typed_again(rule: Rule) -> None:
    record = {"eligibility_rule": json_of(rule)}
    shown = show_rule(record)
    fields: dict[str, list[str]] = {}
    for name, value in flattened({"rule": shown}):
        fields.setdefault(name, []).append(value)

    assert not shown["kept"]
    assert read_rule(fields) == shown
    assert fill_rule(read_rule(fields), record) == record


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rule=fitting)
def test_a_rule_on_a_page_is_the_same_when_it_is_sent_back(desk: Desk, rule: Rule) -> None:
    keep(desk, json_of(rule))
    page = desk.open(desk.paths["services"])
    sent = read_rule(Fields(page.text, desk.paths["services"]).found)

    record = {"eligibility_rule": json_of(rule)}
    assert sent == show_rule(record)
    assert fill_rule(sent, record) == record
    shown = re.sub(r'name="was" value="[^"]*"', "", page.text)
    assert "at_most" not in shown
    assert "&#34;fact" not in shown


@given(rule=any_rules)
def test_any_rule_fits_or_is_kept_as_it_is(rule: Rule) -> None:
    assume(not list(_nobodys(rule)))
    record = {"eligibility_rule": json_of(rule)}
    shown = show_rule(record)

    if shown["kept"]:
        assert fill_rule(shown, record) == {}
    else:
        again = fill_rule(shown, record)["eligibility_rule"]
        assert set(map(str, _parts(again))) == set(map(str, _parts(record["eligibility_rule"])))


def _nobodys(rule: Rule) -> Iterator[Condition]:
    """Households of nobody, which no rule may speak of."""
    for each in conditions_in(rule):
        if (
            each.fact == "household_size"
            and isinstance(each.test, Range)
            and not each.test.at_least
        ):
            yield each


def _parts(rule: dict[str, Any]) -> list[Any]:
    parts: list[Any] = rule.get("all", [rule])
    return parts


@pytest.mark.parametrize("fact", [name for name in FACTS if sort_of(name) == "range"])
@given(number=st.floats(0, 10_000))
def test_a_number_is_read_as_it_was_written(fact: str, number: float) -> None:
    assert read_number(fact, written_number(fact, number)) == number


@pytest.mark.parametrize(
    ("fact", "text", "number"),
    [
        ("income_month", "$2,000", 2000),
        ("income_month", "1,500.50", 1500.5),
        ("income_month", " $ 900 ", 900),
        ("income_month", "2000.", 2000),
        ("income_month", "20,00", None),
        ("income_month", "200%", None),
        ("income_month", "-5", None),
        ("income_month", "1e3", None),
        ("income_month", "\N{ARABIC-INDIC DIGIT TWO}", None),
        ("income_poverty_percent", "200%", 200),
        ("income_poverty_percent", "133.5 %", 133.5),
        ("income_poverty_percent", "$200", None),
        ("household_size", "4", 4),
        ("age", "18", 18),
        ("age", "18 years", 18),
        ("age", "6 months", 0.5),
        ("age", "6 meses", 0.5),
        ("age", "18 months", 1.5),
        ("age", "old", None),
        ("children_ages", "12 años", 12),
    ],
)
def test_numbers_are_read_as_people_type_them(fact: str, text: str, number: float | None) -> None:
    assert read_number(fact, text) == number


# --------------------------------------------------------------------------------- on the page

#: For each fact: what is wrong first, where and what it is told, what is right, and the rule.
ROWS: list[tuple[str, dict[str, Any], str, str, dict[str, Any], dict[str, Any]]] = [
    ("income_poverty_percent", {"most": "low"}, "most", "Give a percentage such as 200%.",
     {"most": "200%"}, POOR),
    ("income_month", {"most": "lots"}, "most", "Give an amount such as $2,000 or 1,500.50.",
     {"most": "$2,000"}, {"fact": "income_month", "at_most": 2000}),
    ("household_size", {"least": "2.5"}, "least", "Give a whole number from 1 to 50.",
     {"least": "2"}, {"fact": "household_size", "at_least": 2}),
    ("county", {"text": "Narnia"}, "text", "We do not know this county.",
     {"text": "ingham\r\nEaton County, MI"},
     {"fact": "county", "one_of": ["MI:Eaton County", "MI:Ingham County"]}),
    ("zip", {"text": "4893"}, "text", "Give ZIP codes of five digits, such as 48933.",
     {"text": "48933, 48910"}, {"fact": "zip", "one_of": ["48910", "48933"]}),
    ("age", {"least": "20", "most": "17"}, "most", "The most comes below the least",
     {"least": "6 months", "most": "17"}, {"fact": "age", "at_least": 0.5, "at_most": 17}),
    ("children_ages", {"least": ""}, "least", "Fill in one of the two, or remove this.",
     {"most": "5"}, {"fact": "children_ages", "has": {"at_most": 5}}),
    ("veteran", {"flag": ""}, "flag", "Choose one of the two.", {"flag": "no"},
     {"fact": "veteran", "is": False}),
    ("pregnant", {"flag": "maybe"}, "flag", "Choose one of the two.", {"flag": "yes"},
     {"fact": "pregnant", "is": True}),
    ("insurance", {}, "choices", "Tick at least one, or remove this.",
     {"choices": ["medicare", "medicaid"]},
     {"any": [{"fact": "insurance", "has": "medicaid"}, {"fact": "insurance", "has": "medicare"}]}),
    ("housing", {}, "choices", "Tick at least one, or remove this.", {"choices": ["renting"]},
     {"fact": "housing", "is": "renting"}),
    ("documents", {"choices": ["passport"]}, "choices", "Choose from the list.",
     {"choices": ["lease"]}, {"fact": "documents", "has": "lease"}),
    ("languages", {"choices": ["Spanish"]}, "choices", "Choose from the list.",
     {"choices": ["es"]}, {"fact": "languages", "has": "es"}),
]  # fmt: skip


def test_each_fact_is_tried_below() -> None:
    assert {row[0] for row in ROWS} == set(FACTS) == set(ABOUT)


@pytest.mark.parametrize("of", ["all", "any"])
@pytest.mark.parametrize(("fact", "wrong", "field", "said", "right", "rule"), ROWS)
def test_a_row_is_added_filled_wrongly_corrected_and_saved(
    desk: Desk, of: str, fact: str, wrong: dict[str, Any], field: str, said: str,
    right: dict[str, Any], rule: dict[str, Any],
) -> None:  # fmt: skip
    name = f"rule-{of}-0"
    page = press(desk, desk.open(desk.paths["services"]), f"rule-add-{of}",
                 name="Not lost", **{f"rule-{of}-add": fact})  # fmt: skip
    assert page.status_code == 200
    assert f'id="{name}"' in page.text

    def filled(values: dict[str, Any]) -> dict[str, Any]:
        return {f"{name}-{key}": value for key, value in values.items()}

    for do in ("save", "rule-say"):
        refused = press(desk, page, do, **filled(wrong))
        assert refused.status_code == 422
        assert said in words(refused)
        assert f'href="#{name}-{field}"' in refused.text
        assert f'id="{name}-{field}"' in refused.text
        typed = Fields(refused.text, desk.paths["services"]).found
        for key, value in wrong.items():
            if isinstance(value, str) and key != "flag":
                assert typed[f"{name}-{key}"] == value
    assert rule_of(desk) is None

    goes_to(press(desk, refused, "save", **filled(right)))
    assert rule_of(desk) == rule
    assert [row["name"] for row in desk.rows(Service)] == ["Not lost"]


def test_a_rule_is_built_said_and_read_by_all(desk: Desk) -> None:
    page = desk.open(desk.paths["services"])
    for do, filled_in in (
        ("rule-add-all", {"eligibility_description": "Neighbours first.", "rule-all-add": "zip"}),
        ("rule-add-any", {"rule-all-0-text": "48933", "rule-any-add": "income_poverty_percent"}),
        ("rule-add-any", {"rule-any-0-most": "200", "rule-any-add": "veteran"}),
    ):
        page = press(desk, page, do, **filled_in)
    page = press(desk, page, "rule-say", minimum_age="18", documents="Photo ID")

    told = (
        "All of these: Age 18 and older People who live in ZIP code 48933 At least one of these: "
        "Income up to 200% of the poverty line People who have served in the armed forces "
        "People who can show: photo ID"
    )
    assert told in words(page)
    assert rule_of(desk) is None

    goes_to(press(desk, page, "save"))
    assert rule_of(desk) == {"all": [{"fact": "zip", "is": "48933"}, {"any": [POOR, VETERAN]}]}
    said = public(desk)
    assert said.index("Neighbours first.") < said.index(told)
    spanish = desk.client.get(f"/services/{desk.scene.offer}", headers={"accept-language": "es"})
    assert "Al menos una de estas: Ingresos de hasta el 200% de la línea de pobreza" in words(
        spanish
    )


def test_a_row_chosen_and_not_yet_added_is_not_lost_by_saving(desk: Desk) -> None:
    page = desk.open(desk.paths["services"])
    refused = press(desk, page, "save", **{"rule-all-add": "income_month"})
    assert refused.status_code == 422
    assert 'id="rule-all-0-least"' in refused.text
    assert "Fill in one of the two, or remove this." in words(refused)


def test_a_row_is_removed_and_the_others_stay(desk: Desk) -> None:
    keep(desk, {"all": [POOR, VETERAN, {"fact": "zip", "is": "48933"}]})
    page = press(desk, desk.open(desk.paths["services"]), "rule-remove-all-1")
    goes_to(press(desk, page, "save"))
    assert rule_of(desk) == {"all": [POOR, {"fact": "zip", "is": "48933"}]}

    page = desk.open(desk.paths["services"])
    for _ in range(2):
        page = press(desk, page, "rule-remove-all-0")
    goes_to(press(desk, page, "save"))
    assert rule_of(desk) is None


def test_a_new_service_is_made_with_its_rule(desk: Desk) -> None:
    path = "/listings/services/new"
    page = desk.fill(desk.open(path), path, do="rule-add-all", **{"rule-all-add": "veteran"})
    assert "People who have served in the armed forces" in words(page)
    goes_to(desk.fill(page, path, do="save", name="Coats"))
    assert [row["eligibility_rule"] for row in desk.rows(Service, name="Coats")] == [VETERAN]


@pytest.mark.parametrize("rule", [DEEP, {"adults": "only"}])
def test_a_rule_of_another_shape_is_said_and_lost_by_nothing(desk: Desk, rule: Any) -> None:
    keep(desk, rule)
    page = desk.open(desk.paths["services"])
    said = words(page)
    assert "These conditions do not fit into this form" in said
    if rule is DEEP:
        assert "All of these: People who live in ZIP code 48933 Income up to 200%" in said

    goes_to(press(desk, page, "save", alert="Closed today"))
    assert rule_of(desk) == rule
    page = press(desk, desk.open(desk.paths["services"]), "rule-add-all",
                 **{"rule-all-add": "veteran"})  # fmt: skip
    refused = press(desk, page, "save")
    assert "Choose to replace the conditions" in words(refused)
    assert 'id="rule-kept"' in refused.text
    assert rule_of(desk) == rule

    goes_to(press(desk, refused, "save", **{"rule-kept": ""}))
    assert rule_of(desk) == VETERAN


def test_two_people_at_once_choose_between_rules_in_words(desk: Desk) -> None:
    path = desk.paths["services"]
    keep(desk, VETERAN)
    mine = desk.open(path)
    goes_to(desk.fill(desk.open(path), path, do="save", **{"rule-all-0-flag": "no"}))

    page = desk.fill(mine, path, do="rule-add-any", **{"rule-any-add": "pregnant"})

    said = words(page)
    assert page.status_code == 409
    assert "Theirs: People who have not served in the armed forces" in said
    assert ("Yours: All of these: (People who have served in the armed forces; "
            "People who are pregnant)") in said  # fmt: skip
    goes_to(desk.fill(page, path, do="save", **{"choose-rule": "mine"}))
    assert rule_of(desk) == {"all": [VETERAN, {"fact": "pregnant", "is": True}]}


def test_a_rule_that_somebody_put_in_place_of_a_kept_one_is_a_clash(desk: Desk) -> None:
    keep(desk, DEEP)
    path = desk.paths["services"]
    page = press(desk, desk.open(path), "rule-add-all",
                 **{"rule-all-add": "veteran", "rule-kept": ""})  # fmt: skip
    other = {"any": [{"fact": "pregnant", "is": True}, DEEP["any"][1]]}
    keep(desk, other)
    desk.save(path, alert="Theirs")

    clash = press(desk, page, "save")

    assert clash.status_code == 409
    assert "Conditions that do not fit into this form, as they are" in words(clash)
    goes_to(desk.fill(clash, path, do="save", **{"choose-rule": "theirs"}))
    assert rule_of(desk) == other


def test_history_says_rules_in_words(desk: Desk) -> None:
    goes_to(desk.save(desk.paths["services"], **{"rule-all-add": "veteran"}))
    page = desk.open(f"{desk.paths['services']}/history")
    assert "→ became People who have served in the armed forces" in words(page)
    for old in ('{"all": ["adult"]}', "[" * 50_000, "adult"):
        assert value_words("service", "eligibility_rule", old, language("es")) == old


def test_nobody_is_told_of_and_not_refused(desk: Desk) -> None:
    page = press(desk, desk.open(desk.paths["services"]), "rule-add-all",
                 maximum_age="17", **{"rule-all-add": "age"})  # fmt: skip
    assert "Nobody of the ages above" not in words(page)
    page = press(desk, page, "rule-say", **{"rule-all-0-least": "60"})
    assert "Nobody of the ages above can fit all of this." in words(page)

    saved = goes_to(press(desk, page, "save"))
    assert "Nobody of the ages above can fit all of this." in words(desk.open(saved))


# ------------------------------------------------------------------------------------ trying it


def tried(desk: Desk, **told: Any) -> Response:
    fields = {f"try-{name}": value for name, value in told.items()}
    return press(desk, desk.open(desk.paths["services"]), "rule-try", **fields)


def test_only_the_facts_that_a_rule_uses_are_asked_for(desk: Desk) -> None:
    assert 'name="try-' not in desk.open(desk.paths["services"]).text
    keep(desk, {"all": [POOR, {"any": [VETERAN, {"fact": "insurance", "has": "medicaid"}]}]})
    asked = set(re.findall(r'name="try-([a-z_]+)"', desk.open(desk.paths["services"]).text))
    assert asked == {"household_size", "income_month", "veteran", "insurance"}


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({}, ("It depends on more: How many live in the household; Income, in dollars a month; "
              "Veterans; Health insurance")),
        ({"household_size": "1", "income_month": "$500", "veteran": "yes"},
         "It is for this person."),
        ({"household_size": "1", "income_month": "9,000", "veteran": "yes"},
         "It is not for this person: Income up to 200% of the poverty line ($"),
        ({"veteran": "no", "insurance": "none-of-these"},
         ("It is not for this person. It takes one of these: People who have served in the armed "
          "forces; People with Medicaid")),
    ],
)  # fmt: skip
def test_a_made_up_person_is_held_against_what_is_typed(
    desk: Desk, told: dict[str, str], said: str
) -> None:
    keep(desk, {"all": [POOR, {"any": [VETERAN, {"fact": "insurance", "has": "medicaid"}]}]})
    page = tried(desk, **told)
    assert page.status_code == 200
    assert said in words(page)
    for name, value in told.items():
        assert Fields(page.text, desk.paths["services"]).found[f"try-{name}"] == value


EVERYTHING = {
    "any": [
        {"fact": "age", "at_least": 60},
        {"fact": "children_ages", "has": {"at_most": 5}},
        {"fact": "county", "is": "MI:Ingham County"},
        {"fact": "zip", "is": "48933"},
        {"fact": "housing", "is": "shelter"},
        {"fact": "languages", "has": "es"},
        {"fact": "documents", "has": "lease"},
    ]
}


@pytest.mark.parametrize(
    ("fact", "good", "bad", "said"),
    [
        ("age", "61", "old", "Give an age such as 18 or 6 months."),
        ("age", "61", "200", "Give a number from 0 to 150."),
        ("children_ages", "9, 6 months", "nine", "Give an age such as 18 or 6 months."),
        ("county", "ingham, mi", "Narnia", "We do not know this county."),
        ("zip", "48933", "4893", "Give ZIP codes of five digits, such as 48933."),
        ("housing", "shelter", "castle", "Choose from the list."),
        ("languages", "es", "Spanish", "Choose from the list."),
        ("documents", "lease", "passport", "Choose from the list."),
    ],
)
def test_every_fact_can_be_told_and_a_mistake_is_said_beside_it(
    desk: Desk, fact: str, good: str, bad: str, said: str
) -> None:
    keep(desk, EVERYTHING)
    assert "It is for this person." in words(tried(desk, **{fact: good}))
    refused = tried(desk, **{fact: bad})
    assert refused.status_code == 422
    assert said in words(refused)
    assert f'href="#try-{fact}"' in refused.text
    assert f'id="try-{fact}"' in refused.text


def test_trying_keeps_nothing_and_tells_nothing_to_others(desk: Desk) -> None:
    keep(desk, VETERAN)
    before = desk.rows(Service)
    page = tried(desk, veteran="no")
    assert "It is not for this person" in words(page)
    assert str(page.url).endswith(desk.paths["services"])
    assert desk.rows(Service) == before
    goes_to(press(desk, page, "save"))
    assert desk.rows(Service) == before

    desk.scene.sign_in(desk.scene.stranger, Role.PUBLISHER)
    refused = press(desk, page, "rule-try")
    assert refused.status_code == 404


def test_buttons_about_rules_do_nothing_to_other_records(desk: Desk) -> None:
    for kind in ("places", "offers", "agencies"):
        path = desk.paths[kind]
        goes_to(desk.fill(desk.open(path), path, do="rule-try"))
        assert "rule" not in FORMS[kind].show(None)


# ---------------------------------------------------------------------- what else is taken in


@pytest.mark.parametrize("fact", ["zebra", "", "immigration"])
@pytest.mark.parametrize("do", ["save", "rule-say", "rule-add-all"])
def test_a_row_about_nothing_that_we_know_is_named(desk: Desk, fact: str, do: str) -> None:
    page = desk.client.get(desk.paths["services"], headers={"accept-language": "es"})
    row = {"rule-all-0-fact": fact, "rule-all-0-choices": "x", "rule-all-0-least": "7"}
    desk.client.headers["accept-language"] = "es"
    refused = press(desk, page, do, **row)

    assert "Project-Id-Version" not in refused.text
    if do != "rule-add-all":
        assert refused.status_code == 422
        assert "Elija de qué trata." in words(refused)
        assert 'id="rule-all-0-fact"' in refused.text
    assert rule_of(desk) is None


def test_situations_count_as_they_do_in_searches(desk: Desk) -> None:
    with desk.scene.database.transaction() as session:
        for name, code in (("Open Eligibility 2.0 - situations", "20043"), ("Ours", "20010")):
            taxonomy = Taxonomy(name=name)
            session.add(taxonomy)
            session.flush()
            term = TaxonomyTerm(taxonomy_id=taxonomy.id, code=code, name=name)
            session.add(term)
            session.flush()
            session.add(
                Attribute(link_entity="service", link_id=desk.service, taxonomy_term_id=term.id)
            )
        refresh_services(session, [desk.service], now=NOON)

    assert "words People who are pregnant Say it" in words(desk.open(desk.paths["services"]))
    assert "Who can come People who are pregnant" in public(desk)


@pytest.mark.parametrize(("state", "said"), [("MI", "not for this person"), ("AK", "for this")])
def test_the_poverty_line_of_the_agencys_state_counts(desk: Desk, state: str, said: str) -> None:
    keep(desk, {**POOR, "at_most": 100})
    with desk.scene.database.transaction() as session:
        session.add(Address(organization_id=desk.scene.host, state_province=state, city="Nome"))
    page = tried(desk, household_size="1", income_month="1,500")
    assert f"It is {said}" in words(page)


def test_a_rule_alone_is_something_to_check(desk: Desk) -> None:
    def vital() -> set[Any]:
        with desk.scene.database.reading() as session:
            return set(vital_fields_of(get_entry(session, desk.scene.offer)))

    assert VitalField.ELIGIBILITY not in vital()
    keep(desk, VETERAN)
    assert VitalField.ELIGIBILITY in vital()
