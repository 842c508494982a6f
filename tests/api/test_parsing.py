"""From what somebody sent to a shape: every mistake at once, and nothing hostile gets through."""

from contextlib import suppress
from datetime import date
from typing import Annotated
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from api.parsing import parse, parse_json, parse_text
from api.schemas.shapes import ClockTime, Request
from directory.errors import InvalidError
from scheduling.models.windows import BookableBy
from tests.api.conftest import Client, assert_problem, paths_of

ID = "8b1f0f0c-54a6-5b8e-9b0e-2f6c1c6f2a10"


class Inner(Request):
    count: Annotated[int, Meta(ge=1, le=9)] = 1
    days: list[date] = []  # noqa: RUF012  (msgspec copies it)


class Shape(Request):
    name: Annotated[str, Meta(min_length=1, max_length=5)]
    weight: Annotated[float, Meta(ge=0.1, le=500)] = 1.0
    open: bool = False
    opens_at: ClockTime = "09:00"
    id: UUID | None = None
    kind: BookableBy | None = None
    tags: Annotated[list[Annotated[str, Meta(max_length=3)]], Meta(max_length=2)] = []  # noqa: RUF012  (too)
    inner: Inner | None = None


def mistakes(values: dict[str, object]) -> dict[str, str]:
    with pytest.raises(InvalidError) as caught:
        parse(Shape, values)
    return {error.path: error.message for error in caught.value.errors}


def test_every_mistake_is_named_at_once() -> None:
    wrong = {
        "name": "too long",
        "weight": "heavy",
        "open": "yes",
        "opens_at": "25:00",
        "id": "x",
        "kind": "nobody",
        "tags": ["a", "long", "c"],
        "inner": {"count": 10, "days": ["2030-06-03", "someday"], "dayz": []},
        "nome": 1,
    }

    assert set(mistakes(wrong)) == {
        "name", "weight", "open", "opens_at", "id", "kind", "tags",
        "inner.count", "inner.days.1", "inner.dayz", "nome",
    }  # fmt: skip


def test_a_missing_field_is_named() -> None:
    assert mistakes({}) == {"name": "Give a value."}


def test_a_misspelt_field_is_answered_with_the_right_spelling() -> None:
    assert "Did you mean weight?" in mistakes({"name": "a", "wieght": 2})["wieght"]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", 5, "Give text."),
        ("name", None, "Give text."),
        ("weight", "x", "Give a number."),
        ("weight", 0, "Give at least 0.1."),
        ("weight", 501, "Give at most 500.0."),
        ("open", 1, "Give true or false."),
        ("opens_at", 5, "Give text."),
        ("opens_at", "13:00+05:00", "Give a time such as 13:00."),
        ("id", 5, "Give an id, as a UUID."),
        ("tags", "a", "Give a list."),
        ("tags", ["a", "b", "c"], "Give at most 2 of them."),
        ("inner", 3, "Give an object."),
        ("kind", "nobody", "Give one of: public, partners, own."),
        ("name", "a\x00b", "Leave out control characters."),
        ("name", "\ud800", "Leave out control characters."),
        ("name", "\u202eabc", "Leave out control characters."),
    ],
)
def test_mistakes_are_said_in_plain_words(field: str, value: object, words: str) -> None:
    assert mistakes({"name": "a", field: value}) == {field: words}


def test_control_characters_are_refused_wherever_they_hide() -> None:
    assert set(mistakes({"name": "a", "tags": ["ok", "\x00"]})) == {"tags.1"}


def test_letters_beyond_the_basic_plane_and_line_breaks_are_text() -> None:
    assert parse(Shape, {"name": "\U0001f600\n\té"}).name == "\U0001f600\n\té"


@pytest.mark.parametrize("written", ["13:00:00", "1 pm", "13:00Z", "24:00", "9:00"])
def test_a_time_of_day_is_read_only_as_clocks_show_it(written: str) -> None:
    assert parse(Shape, {"name": "a", "opens_at": "13:00"}).opens_at == "13:00"
    with pytest.raises(InvalidError, match="Give a time such as 13:00"):
        parse(Shape, {"name": "a", "opens_at": written})


def test_a_form_is_text_and_what_is_empty_is_absent() -> None:
    form = {"name": [" a "], "weight": ["2.5"], "open": ["on"], "id": [""], "opens_at": ["08:30"]}

    read = parse_text(Shape, form)

    assert (read.name, read.weight, read.open, read.id) == ("a", 2.5, True, None)
    assert read.opens_at == "08:30"


def test_a_list_in_a_query_has_commas_or_comes_several_times() -> None:
    assert parse_text(Shape, {"name": ["a"], "tags": ["x, y"]}).tags == ["x", "y"]
    assert parse_text(Shape, {"name": ["a"], "tags": ["x", "y", ""]}).tags == ["x", "y"]


@pytest.mark.parametrize(("text", "meant"), [("1", True), ("No", False), ("false", False)])
def test_yes_and_no_may_be_typed(text: str, *, meant: bool) -> None:
    assert parse_text(Shape, {"name": ["a"], "open": [text]}).open is meant


def test_what_is_neither_yes_nor_no_is_a_mistake_and_not_a_no() -> None:
    with pytest.raises(InvalidError, match="open: Give true or false"):
        parse_text(Shape, {"name": ["a"], "open": ["maybe"]})


@given(body=st.binary(max_size=40))
def test_no_bytes_make_the_reader_fail_otherwise_than_by_refusing(body: bytes) -> None:
    with suppress(InvalidError):
        parse_json(Shape, body)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)


@given(
    values=st.dictionaries(
        st.sampled_from(("name", "weight", "open", "opens_at", "id", "tags", "inner", "x")),
        JSON_VALUES,
    )
)
def test_no_values_make_the_reader_fail_otherwise_than_by_refusing(
    values: dict[str, object],
) -> None:
    with suppress(InvalidError):
        parse(Shape, values)


HOSTILE = {
    "200,000 nested lists": b"[" * 200_000,
    "nested lists in a field": b'{"near": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
    "nested objects": b'{"near": ' * 90_000 + b"1" + b"}" * 90_000,
    "an integer of 5,000 digits": b'{"limit": ' + b"9" * 5_000 + b"}",
    "an integer beyond 64 bits": b'{"limit": 99999999999999999999}',
    "NaN": b'{"within_km": NaN}',
    "infinity": b'{"within_km": 1e999}',
    "a field twice": b'{"limit": 1, "limit": 2}',
    "invalid UTF-8": b'{"near": "\xff\xfe"}',
    "a byte order mark": b"\xef\xbb\xbf{}",
    "half a letter": b'{"q": "\\ud800"}',
    "a NUL": b'{"q": "\\u0000"}',
    "a NUL in a list": b'{"language": ["\\u0000"]}',
    "no JSON": b"near=48933",
    "nothing": b"",
    "null": b"null",
    "a list": b"[]",
    "a number": b"1",
    "cut short": b'{"near": "48',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_json_is_refused_and_breaks_nothing(client: Client, name: str) -> None:
    refused = client.post(
        "/api/v1/search", content=HOSTILE[name], headers={"content-type": "application/json"}
    )

    assert paths_of(assert_problem(refused, 422, "invalid-input"))


def test_more_than_a_megabyte_is_too_large(client: Client) -> None:
    refused = client.post("/api/v1/search", content=b"{}" + b" " * 1_000_000)

    assert_problem(refused, 413, "too-large")
