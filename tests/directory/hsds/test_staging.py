"""Records come back from the disk as they went in, in their order, whatever happened meanwhile."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from directory.hsds.columns import COLUMNS, Column, whole
from directory.hsds.staging import BATCH, Record, Staging
from directory.models.services import ServiceStatus

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
SECONDS = st.floats(0, 7e9).map(lambda seconds: timedelta(seconds=seconds))
INSTANTS = SECONDS.map(lambda since: datetime(1970, 1, 1, tzinfo=UTC) + since)


def values_of(column: Column) -> st.SearchStrategy[Any]:
    kinds: dict[Any, st.SearchStrategy[Any]] = {
        str: TEXT,
        UUID: st.uuids(),
        int: st.integers(-(2**31), 2**31 - 1),
        float: st.floats(allow_nan=False, allow_infinity=False),
        bool: st.booleans(),
        datetime: INSTANTS,
        dict[str, Any]: st.dictionaries(TEXT, st.integers(-5, 5) | TEXT | st.lists(TEXT)),
    }
    values = kinds.get(column.type, st.from_type(column.type))
    return values | st.none() if column.is_nullable else values


@st.composite
def records(draw: st.DrawFn) -> Record:
    table = draw(st.sampled_from(sorted(COLUMNS)))
    values = {name: draw(values_of(column)) for name, column in COLUMNS[table].items()}
    return Record(
        table,
        draw(st.uuids()),
        draw(TEXT | st.none()),
        values,
        draw(TEXT),
        draw(st.integers(0, 2**31)),
        draw(st.booleans()),
        draw(st.dictionaries(TEXT, TEXT) | st.none()),
    )


@given(records())
def test_a_record_of_any_table_comes_back_equal(record: Record) -> None:
    staging = Staging()
    staging.put(record)
    assert staging.get(record.table, record.id) == record
    assert list(staging.of(record.table)) == [record]
    assert staging.get(record.table, record.id) == record  # from the file this time
    staging.close()


def test_the_types_of_values_come_back_too() -> None:
    at = datetime(2030, 1, 1, tzinfo=UTC) + timedelta(microseconds=1)
    values = whole("service", {"name": "Soup", "organization_id": UUID(int=1), "last_modified": at})
    staging = Staging()
    staging.put(Record("service", UUID(int=2), None, values, "services.csv", 2))
    (back,) = staging.of("service")
    assert back.values["status"] is ServiceStatus.ACTIVE
    assert back.values["last_modified"] == at
    assert type(back.values["organization_id"]) is UUID


def unit(number: int, name: str = "") -> Record:
    values = whole("unit", {"name": name or f"unit {number}"})
    return Record("unit", UUID(int=number), str(number), values, "units.csv", number)


class StagingMachine(RuleBasedStateMachine):
    """Puts, drops, renames and reorders, beside a plain dict that does the same."""

    def __init__(self) -> None:
        super().__init__()
        self.staging = Staging()
        self.model: dict[UUID, Record] = {}

    @rule(number=st.integers(1, 30), name=TEXT.filter(bool))
    def put(self, number: int, name: str) -> None:
        record = unit(number, name)
        self.staging.put(record)
        self.model[record.id] = record

    @rule()
    def many(self) -> None:
        for number in range(100, 100 + 3 * BATCH):
            self.put(number, "many")

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def drop(self, data: st.DataObject) -> None:
        identifier = data.draw(st.sampled_from(list(self.model)))
        self.staging.drop("unit", identifier)
        del self.model[identifier]

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def reorder(self, data: st.DataObject) -> None:
        some = data.draw(st.lists(st.sampled_from(list(self.model)), unique=True))
        order = [*some, *(each for each in self.model if each not in some)]
        self.staging.reorder("unit", [each.bytes for each in order])
        self.model = {each: self.model[each] for each in order}

    @precondition(lambda self: len(self.model) > 1)
    @rule(data=st.data())
    def exchange(self, data: st.DataObject) -> None:
        one, other = data.draw(
            st.lists(st.sampled_from(list(self.model)), unique=True, min_size=2, max_size=2)
        )
        renamed = {one: other, other: one}
        self.staging.rename("unit", renamed)
        model = {}
        for identifier, record in self.model.items():
            record.id = renamed.get(identifier, identifier)
            model[record.id] = record
        self.model = model

    @invariant()
    def both_hold_the_same_in_the_same_order(self) -> None:
        assert list(self.staging.of("unit")) == list(self.model.values())
        assert self.staging.count("unit") == len(self.model)

    def teardown(self) -> None:
        self.staging.close()


TestStaging = StagingMachine.TestCase
TestStaging.settings = settings(max_examples=20, stateful_step_count=20, deadline=None)


def test_the_yielded_record_may_be_put_back_or_dropped_on_the_way() -> None:
    staging = Staging()
    for number in range(1, 3 * BATCH):
        staging.put(unit(number))
    for record in staging.of("unit"):
        if record.line % 2:
            staging.drop("unit", record.id)
        else:
            record.values["name"] = "seen"
            staging.put(record)
    assert {record.values["name"] for record in staging.of("unit")} == {"seen"}
    assert staging.count("unit") == len(range(2, 3 * BATCH, 2))


def test_marked_records_are_found_by_their_mark() -> None:
    staging = Staging()
    for number in range(1, 10):
        staging.put(unit(number))
    staging.mark("unit", UUID(int=4), 2)
    assert [record.line for record in staging.of("unit", marked=2)] == [4]
    assert len(list(staging.of("unit", marked=0))) == 8


@pytest.mark.skipif(os.name != "posix", reason="elsewhere an open file cannot be deleted")
def test_no_crash_can_leave_the_file_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    staging = Staging()
    staging.put(unit(1))
    assert list(staging.of("unit")) == [unit(1)]
    assert list(tmp_path.iterdir()) == []
