import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.hsds.mend import CannotMendError, phones
from directory.hsds.mend.phones import PhoneNumber


@pytest.mark.parametrize(
    "raw",
    ["650 555-0125", "(650) 555-0125", "650.555.0125", "650. 555. 0125", "1-650-555-0125"],
)
def test_numbers_are_written_in_one_way(raw: str) -> None:
    assert phones.numbers(raw)[0] == (PhoneNumber("(650) 555-0125"),)


@pytest.mark.parametrize("raw", ["312-555-0166 x 715", "(312) 555-0166 ext. 715"])
def test_an_extension_is_taken_from_the_number(raw: str) -> None:
    assert phones.numbers(raw)[0] == (PhoneNumber("(312) 555-0166", "715"),)


@pytest.mark.parametrize("between", ["; ", " or "])
def test_two_numbers_in_a_cell_are_two_numbers(between: str) -> None:
    found, note = phones.numbers(f"618.555.0111{between}(618) 555-0122")
    assert found == (PhoneNumber("(618) 555-0111"), PhoneNumber("(618) 555-0122"))
    assert note == "several numbers taken apart"


@pytest.mark.parametrize("raw", ["1-800-555-HELP", "211", "+44 20 7946 0000", "555-0125 (desk)"])
def test_what_can_be_dialled_is_kept_as_it_stands(raw: str) -> None:
    assert phones.numbers(raw) == ((PhoneNumber(raw),), None)


@pytest.mark.parametrize("raw", ["no phone", "none", "ask"])
def test_what_cannot_be_dialled_is_refused(raw: str) -> None:
    with pytest.raises(CannotMendError):
        phones.numbers(raw)


def test_an_empty_cell_has_no_numbers() -> None:
    assert phones.numbers(" ") == ((), None)


@given(st.from_regex(r"[2-9]\d{9}", fullmatch=True))
def test_a_mended_number_stays_as_it_is(digits: str) -> None:
    (number,), _ = phones.numbers(digits)
    assert phones.numbers(number.number) == ((number,), None)


@pytest.mark.parametrize(
    ("raw", "kind"), [("sms", "text"), ("TTY", "textphone"), ("Fax", "fax"), ("", None)]
)
def test_kinds_have_the_words_of_hsds(raw: str, kind: str | None) -> None:
    assert phones.kind(raw)[0] == kind
