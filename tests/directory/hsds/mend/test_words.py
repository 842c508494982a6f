import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.hsds.mend import CannotMendError, words


@pytest.mark.parametrize(
    ("raw", "mended"),
    [
        ("  Lorraine&#8217;s Table ", "Lorraine\u2019s Table"),
        ("Soup &amp; Bread", "Soup & Bread"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("a\x00b\u200b", "ab"),
        ("Soup \u202egnihton\u202c \u2066here\u2069", "Soup gnihton here"),
        ("AT&T", "AT&T"),
        ("None", "None"),
    ],
)
def test_text_comes_out_plain(raw: str, mended: str) -> None:
    assert words.text(raw)[0] == mended


@pytest.mark.parametrize("raw", ["NA", "n/a", "null", "NULL", " nil "])
def test_words_for_nothing_are_nothing_and_are_noted(raw: str) -> None:
    assert words.text(raw) == (None, "stands for nothing")


@pytest.mark.parametrize("raw", ["", " ", "\t\r\n"])
def test_an_empty_cell_is_nothing_without_a_note(raw: str) -> None:
    assert words.text(raw) == (None, None)


@given(st.text())
def test_mended_text_needs_no_more_mending(raw: str) -> None:
    once, _ = words.line(raw)
    if once is not None and "&" not in once:  # "&amp;amp;" is written out one step at a time
        assert words.line(once)[0] in {once, None}


@given(st.text())
def test_no_text_is_refused_or_keeps_control_characters(raw: str) -> None:
    mended, _ = words.text(raw)
    assert "\x00" not in (mended or "")
    assert "\r" not in (mended or "")


def test_a_line_has_no_line_ends() -> None:
    assert words.line("Elm\n  Street")[0] == "Elm Street"


def test_commas_inside_brackets_do_not_part_a_list() -> None:
    raw = "Spanish, Chinese (Mandarin, Cantonese), Spanish,"
    assert words.items(raw)[0] == ("Spanish", "Chinese (Mandarin, Cantonese)")


@pytest.mark.parametrize(
    ("raw", "answer"), [("true", True), ("Yes", True), ("0", False), ("", False), ("NA", False)]
)
def test_yes_and_no_in_many_words(raw: str, *, answer: bool) -> None:
    assert words.boolean(raw)[0] is answer


def test_maybe_is_neither_yes_nor_no() -> None:
    with pytest.raises(CannotMendError):
        words.boolean("maybe")


def test_an_address_without_its_scheme_gets_one() -> None:
    assert words.url("www.example.org/help")[0] == "http://www.example.org/help"
    assert words.url("https://example.org") == ("https://example.org", None)


@pytest.mark.parametrize(
    "raw", ["javascript:alert(1)", "data:text/html,x", "ftp://example.org", "call us", "file:///x"]
)
def test_only_web_addresses_are_web_addresses(raw: str) -> None:
    with pytest.raises(CannotMendError):
        words.url(raw)


def test_an_email_loses_what_links_put_before_it() -> None:
    assert words.email("mailto:desk@example.org")[0] == "desk@example.org"
    with pytest.raises(CannotMendError):
        words.email("ask at the desk")
