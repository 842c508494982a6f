"""What agencies and taxonomies say is made a condition only where it is plain."""

from typing import Any

import pytest

from directory.accessibility import is_step_free
from directory.document_words import documents_rule
from directory.eligibility import Verdict, verdict_of
from directory.eligibility_facts import FACTS
from directory.eligibility_rules import Condition, Group, Range, as_json
from directory.service_rules import service_rule
from directory.situations import is_of_situations, situations_rule


def paper(code: str) -> dict[str, str]:
    return {"fact": "documents", "has": code}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Photo identification", paper("photo-id")),
        ("ID", paper("photo-id")),
        ("Driver's license", paper("photo-id")),
        ("Proof of address from the last 60 days", paper("proof-of-address")),
        ("Birth certificate of each child", paper("birth-certificate")),
        ("Comprobante de domicilio", paper("proof-of-address")),
        ("Lease or rental agreement", paper("lease")),
        ("Photo ID or birth certificate", {"any": [paper("photo-id"), paper("birth-certificate")]}),
        (
            "Photo ID, proof of income, or lease",
            {"any": [paper("photo-id"), paper("proof-of-income"), paper("lease")]},
        ),
        ("Photo ID and pay stubs", {"all": [paper("photo-id"), paper("proof-of-income")]}),
        ("Photo ID; proof of residency", {"all": [paper("photo-id"), paper("proof-of-address")]}),
        ("Photo ID and a good mood", paper("photo-id")),
    ],
)
def test_plain_words_for_papers_make_a_condition(text: str, rule: dict[str, Any]) -> None:
    made = documents_rule([text])

    assert made is not None
    assert as_json(made) == rule


@pytest.mark.parametrize(
    "text",
    [
        "",
        "No photo ID needed",
        "Photo ID is helpful but not needed",
        "Photo ID or any other proof of who you are",
        "Insurance card, if you have one",
        "Lease or a letter from a friend",
        "Photo ID and lease or utility bill",
        "Picture ID (lease)",
        "Social Security card or ITIN letter",
        "A smile",
        "Idea",
        "Release form",
    ],
)
def test_words_that_are_not_plain_send_nobody_away(text: str) -> None:
    assert documents_rule([text]) is None


def test_papers_of_several_lines_are_all_needed() -> None:
    made = documents_rule(["Photo ID", "Something else", "Lease"])

    assert made is not None
    assert as_json(made) == {"all": [paper("photo-id"), paper("lease")]}


@pytest.mark.parametrize(
    ("codes", "rule"),
    [
        (["20010"], Condition("veteran", test=True)),
        (["20065"], Condition("insurance", "none")),
        (
            ["20059", "20058"],
            Group(
                "any",
                (
                    Condition("housing", ("shelter", "unsheltered")),
                    Condition("housing", ("losing-home",)),
                ),
            ),
        ),
        ([], None),
        (["20001"], None),
        (["20010", "20001"], None),
        (["20006"], None),
        (["20010", "20006"], None),
        (["20010", "20058"], None),
        (["no code"], None),
    ],
)
def test_situations_make_a_condition_where_they_are_plain(
    codes: list[str], rule: Condition | Group | None
) -> None:
    assert situations_rule(codes) == rule


def test_only_the_taxonomy_that_we_know_speaks_of_situations() -> None:
    assert is_of_situations("Open Eligibility 2.0 - situations", None)
    assert is_of_situations("Human situations", "http://openeligibility.org/")
    assert not is_of_situations("Open Eligibility 2.0 - services", None)
    assert not is_of_situations("Situations of our own", None)


def test_all_that_is_said_must_hold_papers_last() -> None:
    rule = service_rule(
        minimum_age=18,
        maximum_age=None,
        written={"any": [{"fact": "pregnant", "is": True}, {"fact": "zip", "is": "48933"}]},
        situations=["20010"],
        documents=["Lease"],
    )

    assert rule is not None
    assert as_json(rule) == {
        "all": [
            {"fact": "age", "at_least": 18},
            {"any": [{"fact": "pregnant", "is": True}, {"fact": "zip", "is": "48933"}]},
            {"fact": "veteran", "is": True},
            paper("lease"),
        ]
    }


@pytest.mark.parametrize("oldest", [5, 17.99, 21])
def test_what_ends_with_youth_is_also_for_those_who_come_with_a_child(oldest: float) -> None:
    nothing: dict[str, Any] = {"written": None, "situations": [], "documents": []}
    rule = service_rule(minimum_age=3, maximum_age=oldest, **nothing)

    assert rule is not None
    assert verdict_of(rule, {"age": 4}) is Verdict.ELIGIBLE
    assert verdict_of(rule, {"age": 30}) is Verdict.NEEDS_MORE
    assert verdict_of(rule, {"age": 30, "children_ages": (1, 4)}) is Verdict.ELIGIBLE
    assert verdict_of(rule, {"age": 30, "children_ages": (25,)}) is Verdict.NOT_ELIGIBLE
    assert service_rule(minimum_age=3, maximum_age=64, **nothing) == Condition("age", Range(3, 64))


def test_nothing_said_is_no_rule_and_a_broken_one_lets_the_rest_stand() -> None:
    nothing: dict[str, Any] = {"situations": [], "documents": [], "maximum_age": None}
    broken = {"fact": "shoe size", "at_least": 40}

    assert service_rule(minimum_age=None, written=None, **nothing) is None
    assert service_rule(minimum_age=0, written=None, **nothing) is None
    assert service_rule(minimum_age=21, written=broken, **nothing) == Condition("age", Range(21))


def test_every_paper_that_a_rule_may_name_has_a_name() -> None:
    made = {code: documents_rule([code.replace("-", " ")]) for code in FACTS["documents"].choices}

    assert made == {code: Condition("documents", code) for code in FACTS["documents"].choices}


@pytest.mark.parametrize(
    "words",
    [
        *("Step-free entrance", "wheelchair", "ramp", "No steps at the door"),
        *("Wheelchair accessible", "Accessible by wheelchair", "There is a ramp at the side."),
        *("Entrance without stairs, but the toilet is upstairs", "Acceso en silla de ruedas"),
    ],
)
def test_a_place_says_that_it_has_no_step(words: str) -> None:
    assert is_step_free([None, words])


@pytest.mark.parametrize(
    "words",
    [
        *("", "Not wheelchair accessible", "Wheelchair-accessible toilet", "wheelchair_van"),
        *("Limited wheelchair access", "Lift to all floors", "Steep ramp at the back", "No ramp"),
        "Wheelchair accessible parking",
    ],
)
def test_other_words_say_nothing_of_steps(words: str) -> None:
    assert not is_step_free([words, None])
