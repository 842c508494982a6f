"""What stands in the cells: read back without anything of ours, and judged by those who will."""

import csv
import io
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
import validators
from hypothesis import example, given
from hypothesis import strategies as st

from directory.hsds.export.cells import cell_of, is_lost
from directory.hsds.export.columns import columns_in_csv
from directory.hsds.standard import HSDS_TABLES, Field, Kind, Needed


@pytest.mark.parametrize(
    ("kind", "value", "cell"),
    [
        (Kind.NUMBER, 18.0, "18"),
        (Kind.NUMBER, -84.5555, "-84.5555"),
        (Kind.NUMBER, "12", "12"),
        (Kind.NUMBER, "0123", ""),
        (Kind.NUMBER, float("nan"), ""),
        (Kind.DATE, date(2030, 6, 3), "2030-06-03"),
        (Kind.DATE, datetime(2030, 6, 3, 23, 59, tzinfo=UTC), "2030-06-03"),
        (Kind.CLOCK, time(9), "09:00:00"),
        (Kind.CLOCK, time(23, 59, 59), "23:59:59"),
        (Kind.INSTANT, datetime(2030, 6, 3, 12, tzinfo=UTC), "2030-06-03T12:00:00.000Z"),
        (Kind.INSTANT, datetime(2030, 6, 3, 12, 0, 0, 1, UTC), "2030-06-03T12:00:00.000001Z"),
        (Kind.FLAG, True, "true"),
        (Kind.FLAG, False, ""),
        (Kind.OBJECT, {"b": [1], "a": "é"}, '{"a":"é","b":[1]}'),
        (Kind.OBJECT, {}, ""),
        (Kind.URI, "www.pantry.example", "http://www.pantry.example"),
        (Kind.URI, "not an address", ""),
        (Kind.EMAIL, "not an address", ""),
        (Kind.EMAIL, "+tag@pantry.example", "'+tag@pantry.example"),
        (Kind.TEXT, "=1+1", "'=1+1"),
        (Kind.TEXT, "a\0b", "ab"),
    ],
)
def test_values_become_cells(kind: Kind, value: Any, cell: str) -> None:
    assert cell_of(Field("name", kind))(value) == cell


def test_a_required_text_is_never_empty() -> None:
    cell = cell_of(Field("city", Kind.TEXT, Needed.EVERYWHERE))

    assert cell("") == "(none)"
    assert cell("Lansing") == "Lansing"


def test_what_is_not_what_its_field_is_for_is_noticed() -> None:
    assert is_lost(Field("email", Kind.EMAIL), "nobody", "")
    assert not is_lost(Field("email", Kind.EMAIL), "", "")
    assert not is_lost(Field("email", Kind.EMAIL), None, "")
    assert not is_lost(Field("note"), "", "")


@given(st.one_of(st.emails(), st.text(max_size=30).map(lambda text: f"{text}@pantry.example")))
@example("a@b")
@example("a@pantry.example.")
@example("a..b@pantry.example")
@example(f"{'a' * 65}@pantry.example")
def test_an_email_address_that_is_told_is_one_to_those_who_check(text: str) -> None:
    cell = cell_of(Field("email", Kind.EMAIL))(text)

    assert cell == "" or validators.email(cell)


@given(st.integers(min_value=0, max_value=10**9))
def test_money_is_what_the_cents_are(cents: int) -> None:
    (amount,) = [each for each in columns_in_csv("cost_option") if each.name == "amount"]

    whole, _, rest = amount.to_cell(cents).partition(".")
    assert int(whole) * 100 + int(rest.ljust(2, "0") or 0) == cents


@pytest.mark.parametrize("table", HSDS_TABLES)
def test_columns_are_those_of_the_standard_and_ours_behind_them(table: str) -> None:
    names = [column.name for column in columns_in_csv(table)]
    standard = [field.name for field in HSDS_TABLES[table].fields]

    assert names[: len(standard)] == standard
    assert all(name.startswith("openings_") for name in names[len(standard) :])
    assert len(names) == len(set(names))


@pytest.mark.parametrize("extension", ["12", "0123", "12 or 13"])
def test_an_extension_that_is_no_number_has_a_column_of_its_own(extension: str) -> None:
    cells = {
        column.name: column.to_cell(extension)
        for column in columns_in_csv("phone")
        if column.source == "extension"
    }

    number = extension == "12"
    assert cells == {
        "extension": extension if number else "",
        "openings_extension": "" if number else extension,
    }


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"])), min_size=1))
def test_every_text_can_be_read_from_csv_again(texts: list[str]) -> None:
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\r\n").writerow([*texts, "x"])

    assert next(csv.reader(io.StringIO(stream.getvalue(), newline=""))) == [*texts, "x"]
