"""No text of ours is a formula to a spreadsheet, and every text comes back as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.hsds.spreadsheets import guard_formula, unguard_formula

DANGEROUS = [
    "=1+1",
    '=HYPERLINK("http://evil.example","click")',
    "+1 555 0100",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "  =1",
    "\n=1",
    "＝1",  # noqa: RUF001
    "＋1",  # noqa: RUF001
    "－1",  # noqa: RUF001
    "＠1",  # noqa: RUF001
    "\tindented",
]


@pytest.mark.parametrize("text", DANGEROUS)
def test_what_begins_like_a_formula_gets_an_apostrophe(text: str) -> None:
    assert guard_formula(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Food", "1-2", "'", "'quoted'", "a=b", "(555) 555-0100"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert guard_formula(text) == text
    assert unguard_formula(text) == text


@given(
    st.one_of(
        st.text(),
        st.text(alphabet="'=+-@ \t\r\n＝a"),  # noqa: RUF001
        st.sampled_from(DANGEROUS).map(lambda text: f"'{text}"),
    )
)
def test_every_text_comes_back(text: str) -> None:
    guarded = guard_formula(text)

    assert unguard_formula(guarded) == text
    assert guarded.strip()[:1] not in set("=+-@＝＋－＠")  # noqa: RUF001
    assert guarded[:1] not in {"\t", "\r"}
