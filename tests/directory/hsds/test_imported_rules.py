"""Eligibility rules that come with a directory."""

import pytest

from tests.directory.hsds.conftest import Translate, only


@pytest.mark.parametrize(
    ("said", "kept", "reason"),
    [
        ('{"fact":"age","at_least":18}', {"fact": "age", "at_least": 18}, None),
        (
            '{"all":[{"fact":"age","at_least":18.0}]}',
            {"fact": "age", "at_least": 18},
            "said more shortly",
        ),
        ('{"fact":"age"', None, "left out: not JSON"),
        ("[" * 10_000, None, "left out: not JSON"),
        ('{"fact":"age","at_least":"old"}', None, "left out: rule.at_least: "),
        ('{"adults":true}', None, "left out: rule: "),
    ],
)
def test_an_eligibility_rule_keeps_to_the_grammar_or_is_left_out(
    translate: Translate, said: str, kept: object, reason: str | None
) -> None:
    cell = '"' + said.replace('"', '""') + '"'
    found = translate(
        organizations="id,name\n1,Acorn Aid",
        services=f"id,organization_id,name,openings_eligibility_rule\n5,1,Soup,{cell}",
    )
    service = only(found, "service")
    assert service.values["eligibility_rule"] == kept
    reasons = [m.reason for m in found.report.mends if m.field == "openings_eligibility_rule"]
    assert [each.partition(reason or "")[0] for each in reasons] == [""] * bool(reason)
    assert bool(service.original) is bool(reason)
