"""Single values as JSON of the standard has them."""

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import FormatChecker

from directory.hsds.documents.values import amount, as_json, instant, is_uri, number, uri
from directory.hsds.standard import Kind

FORMATS = FormatChecker()


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        (Kind.NUMBER, 18.0, "18"),
        (Kind.NUMBER, 17.5, "17.5"),
        (Kind.NUMBER, "207", "207"),
        (Kind.NUMBER, "0207", "None"),
        (Kind.NUMBER, "12, then 3", "None"),
        (Kind.NUMBER, float("nan"), "None"),
        (Kind.DATE, date(2030, 6, 3), "2030-06-03"),
        (Kind.DATE, datetime(2030, 6, 3, 23, tzinfo=timezone(timedelta(hours=-4))), "2030-06-04"),
        (Kind.INSTANT, datetime(2030, 6, 3, 12, tzinfo=UTC), "2030-06-03T12:00:00.000Z"),
        (Kind.CLOCK, time(9, 30), "09:30:00"),
        (Kind.EMAIL, "desk@agency.example", "desk@agency.example"),
        (Kind.EMAIL, "ask at the desk", "None"),
        (Kind.FLAG, False, "None"),
        (Kind.OBJECT, {}, "None"),
        (Kind.TEXT, None, "None"),
    ],
)
def test_values(kind: Kind, value: object, said: str) -> None:
    assert str(as_json(kind, value)) == said


def test_whole_numbers_have_no_point() -> None:
    assert isinstance(number(18.0), int)
    assert [amount(0), amount(1200), amount(1250), amount(1999)] == [0, 12, 12.5, 19.99]
    assert isinstance(amount(1200), int)


@given(st.datetimes(timezones=st.just(UTC)))
def test_an_instant_reads_back_as_itself(at: datetime) -> None:
    assert datetime.fromisoformat(instant(at)) == at
    FORMATS.check(instant(at), "date-time")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("https://agency.example/a?b=c#d", "https://agency.example/a?b=c#d"),
        ("www.agency.example", "http://www.agency.example"),
        ("agency.example/food bank", "http://agency.example/food%20bank"),
        ("https://agency.example/ä", "https://agency.example/%C3%A4"),
        ("https://agency.example/100%", "https://agency.example/100%25"),
        ("mailto:desk@agency.example", "mailto:desk@agency.example"),
        ("ask at the desk", None),
        ("", None),
        ("https://[nonsense/", None),
    ],
)
def test_web_addresses_are_made_whole_or_left_out(text: str, said: str | None) -> None:
    assert uri(text) == said


_NEARLY_A_URI = st.one_of(
    st.text(),
    st.builds(
        "{}{}".format,
        st.sampled_from(
            ["http://", "https:", "a.example/", "urn:x:", "http://h:80", "x://u@[::1]"]
        ),
        st.text(alphabet="ab1/:?#[]@!$&'()*+,;=-._~%20 \\\"<>^`{|}é", max_size=12),
    ),
)


@example("http://a//b")
@example("http:////a")
@given(_NEARLY_A_URI)
def test_what_we_call_a_uri_is_one(text: str) -> None:
    if is_uri(text):
        FORMATS.check(text, "uri")
    said = uri(text)
    if said is not None:
        FORMATS.check(said, "uri")
