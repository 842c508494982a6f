import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.hsds.mend import CannotMendError, amounts
from directory.hsds.mend.amounts import Ages


@pytest.mark.parametrize(
    ("low", "high", "ages"),
    [
        ("0", "200", Ages()),
        ("0-200", "", Ages()),
        ("18-64", "", Ages(18, 64)),
        ("18", "", Ages(18)),
        ("", "5.5", Ages(None, 5.5)),
        ("", "", Ages()),
        ("60", "120", Ages(60)),
    ],
)
def test_age_limits_that_limit_nothing_are_left_out(low: str, high: str, ages: Ages) -> None:
    assert amounts.ages(low, high)[0] == ages


@pytest.mark.parametrize(("low", "high"), [("64", "18"), ("adults", ""), ("-1", "")])
def test_ages_that_make_no_sense_are_refused(low: str, high: str) -> None:
    with pytest.raises(CannotMendError):
        amounts.ages(low, high)


@pytest.mark.parametrize(
    ("sentence", "ages"),
    [
        ("Age 55 or over", Ages(55)),
        ("Resident of Wobble County age 55 or over", Ages(55)),
        ("Age 18 or older, and willing to work", Ages(18)),
        ("Age 21-60, detoxed", Ages(21, 60)),
        ("Age 55 or over for most programs, age 60 or over for lunch", Ages()),
        ("Age 55 or over, couples age 60 or over", Ages()),
        ("Age 60 or over or disabled", Ages()),
        ("Age 60 or over unless referred", Ages()),
        ("Open to all ages", Ages()),
        ("Children in grades 1-12", Ages()),
        ("None", Ages()),
        ("Age 60-21", Ages()),
    ],
)
def test_only_a_clear_sentence_gives_an_age(sentence: str, ages: Ages) -> None:
    assert amounts.ages_in_words(sentence) == ages


@given(st.text())
def test_ages_in_words_never_fail_and_are_in_order(sentence: str) -> None:
    low, high = amounts.ages_in_words(sentence)
    assert high is None or (low is not None and low <= high)


@given(st.integers(0, 2**31 - 1))
def test_money_survives_its_usual_spelling(cents: int) -> None:
    assert amounts.cents(f"${cents // 100:,}.{cents % 100:02}")[0] == cents


@pytest.mark.parametrize("raw", ["free", "-5", "1.005", "sNaN", "Infinity", "1e99", "$"])
def test_what_is_no_money_is_refused(raw: str) -> None:
    with pytest.raises(CannotMendError):
        amounts.cents(raw)


def test_whole_numbers_are_whole() -> None:
    assert amounts.whole("3")[0] == 3
    assert amounts.whole("3.0")[0] == 3
    assert amounts.whole("")[0] is None
    with pytest.raises(CannotMendError):
        amounts.whole("3.5")
