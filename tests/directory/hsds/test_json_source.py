"""JSON taken apart: what nests where, what comes again, and what is mended on the way."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ijson
import pytest

from directory.hsds.errors import TooLargeError, UnreadableError
from directory.hsds.read import Folder, Limits, json_events, open_source

Read = dict[str, list[Mapping[str, str]]]
TABLES = (
    *("organization", "program", "service", "location", "service_at_location", "address"),
    *("phone", "contact", "language", "attribute", "term", "taxonomy", "metadata", "unit"),
    *("service_capacity", "cost_option", "schedule", "url"),
)


def gather(folder: Folder) -> Read:
    found = {table: [row.cells for row in folder.rows(table)] for table in TABLES}
    return {table: rows for table, rows in found.items() if rows}


def read(tmp_path: Path, value: Any, name: str = "services.json") -> Read:
    path = tmp_path / name
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    with open_source(path) as folder:
        return gather(folder)


def notes(path: Path) -> list[tuple[str, str]]:
    with open_source(path) as folder:
        return folder.notes


def test_parents_are_filled_in_all_the_way_down(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        {
            "id": "s",
            "name": "Soup",
            "organization": {"id": "o", "name": "Acorn"},
            "program": {"id": "g", "name": "Suppers"},
            "service_at_locations": [
                {
                    "id": "p",
                    "location": {"id": "l", "addresses": [{"id": "a", "city": "Wobble"}]},
                    "contacts": [
                        {
                            "id": "c",
                            "phones": [{"id": "n", "languages": [{"id": "e"}, {"code": "es"}]}],
                        }
                    ],
                }
            ],
            "capacities": [{"id": "q", "available": 3, "unit": {"id": "u", "name": "Bed"}}],
            "metadata": [{"id": "m", "field_name": "name"}],
        },
    )
    assert found["service"] == [
        {"id": "s", "name": "Soup", "organization_id": "o", "program_id": "g"}
    ]
    assert found["program"][0]["organization_id"] == "o"
    assert found["service_at_location"] == [{"id": "p", "location_id": "l", "service_id": "s"}]
    assert found["address"] == [{"id": "a", "city": "Wobble", "location_id": "l"}]
    assert found["contact"] == [{"id": "c", "service_at_location_id": "p"}]
    assert found["phone"] == [{"id": "n", "contact_id": "c"}]
    assert found["language"] == [{"id": "", "code": "es", "phone_id": "n"}]
    assert found["service_capacity"][0]["unit_id"] == "u"
    assert found["metadata"][0]["resource_type"] == "service"
    assert found["metadata"][0]["resource_id"] == "s"


def test_terms_come_with_what_is_said_by_them(tmp_path: Path) -> None:
    term = {"id": "k", "name": "Food", "taxonomy_detail": {"id": "t", "name": "Needs"}}
    found = read(
        tmp_path,
        {
            "id": "l",
            "location_type": "physical",
            "attributes": [{"id": "b", "taxonomy_term": term}],
        },
        "location.json",
    )
    assert found["attribute"] == [
        {"id": "b", "taxonomy_term_id": "k", "link_entity": "location", "link_id": "l"}
    ]
    assert found["term"] == [{"id": "k", "name": "Food", "taxonomy_id": "t"}]
    assert found["taxonomy"] == [{"id": "t", "name": "Needs"}]


def test_a_record_that_comes_again_is_one_with_all_that_was_said(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        [
            {"id": "s1", "name": "A", "organization": {"id": "o"}},
            {"id": "s2", "name": "B", "organization": {"id": "o", "name": "Acorn"}},
            {"id": "s3", "name": "C", "organization": {"id": "o", "name": "Acorn", "email": "x"}},
        ],
    )
    assert found["organization"] == [{"id": "o", "name": "Acorn", "email": "x"}]


def test_a_record_of_its_own_is_believed_before_one_inside_another(tmp_path: Path) -> None:
    (tmp_path / "organizations.json").write_text('{"id": "o", "name": "Acorn House"}')
    (tmp_path / "a_service.json").write_text(
        '{"id": "s", "status": "active", "name": "A", "organization": {"id": "o", "name": "Acorn"}}'
    )
    with open_source(tmp_path) as folder:
        assert gather(folder)["organization"] == [{"id": "o", "name": "Acorn House"}]
        said = "some organization records came again with other content"
        assert (("organizations.json", said)) in folder.notes


def test_only_an_id_is_no_record(tmp_path: Path) -> None:
    found = read(
        tmp_path, {"id": "o", "name": "Acorn", "services": [{"id": "s"}]}, "organization.json"
    )
    assert "service" not in found


def test_a_detail_that_several_share_is_each_ones(tmp_path: Path) -> None:
    phone = {"id": "n", "number": "555 555-0101", "languages": [{"id": "e", "code": "es"}]}
    services = [{"id": f"s{n}", "name": "Soup", "phones": [phone]} for n in range(3)]
    found = read(tmp_path, [*services, *services])
    assert [row["service_id"] for row in found["phone"]] == ["s0", "s1", "s2"]
    assert len({row["id"] for row in found["phone"]}) == 3
    assert [row["phone_id"] for row in found["language"]] == [row["id"] for row in found["phone"]]


def test_one_detail_of_two_kinds_of_record_is_both_ones(tmp_path: Path) -> None:
    phone = {"id": "n", "number": "555 555-0101"}
    found = read(
        tmp_path, {"id": "s", "phones": [phone], "organization": {"id": "o", "phones": [phone]}}
    )
    assert found["phone"] == [
        {"id": "n", "number": "555 555-0101", "organization_id": "o", "service_id": "s"}
    ]


def test_records_without_an_id_are_known_by_what_they_say(tmp_path: Path) -> None:
    service = {
        "name": "Soup",
        "status": "active",
        "organization": {"name": "Acorn"},
        "phones": [{"number": "555 555-0101"}, {"number": "555 555-0101"}],
    }
    first, second = read(tmp_path, service), read(tmp_path, [service, service])
    assert first == second
    assert first["service"][0]["organization_id"] == first["organization"][0]["id"] != ""
    assert first["phone"] == [
        {"number": "555 555-0101", "id": "", "service_id": first["service"][0]["id"]}
    ]


def test_our_own_additions_are_columns_as_in_csv(tmp_path: Path) -> None:
    ours = {
        "sensitivity": "high",
        "eligibility_rule": {"age": {"at_least": 18}},
        "approximate": True,
    }
    found = read(tmp_path, {"id": "s", "name": "Soup", "openings": ours})
    assert found["service"] == [
        {
            "id": "s",
            "name": "Soup",
            "openings_sensitivity": "high",
            "openings_eligibility_rule": '{"age":{"at_least":18}}',
            "openings_approximate": "true",
        }
    ]


def test_values_are_written_as_csv_would_have_them(tmp_path: Path) -> None:
    odd = {
        "id": 7,
        "name": "Soup",
        "a": 1.5,
        "b": 12.0,
        "c": True,
        "d": None,
        "e": ["x", 2],
        "f": {},
    }
    (row,) = read(tmp_path, odd)["service"]
    assert row == {
        "id": "7",
        "name": "Soup",
        "a": "1.5",
        "b": "12",
        "c": "true",
        "e": "x, 2",
        "f": "{}",
    }


def test_old_names_are_known_in_json_too(tmp_path: Path) -> None:
    location = {
        "name": "Hall",
        "latitude": 44,
        "mail_address_attributes": {"city": "Wobble"},
        "services_attributes": [{"name": "Soup", "fees": "Free"}],
    }
    value = {"name": "Acorn", "locations": [location]}
    found = read(tmp_path, value, "organizations.json")
    assert found["address"][0]["address_type"] == "postal"
    assert found["address"][0]["location_id"] == found["location"][0]["id"]
    assert found["service"][0]["location_id"] == found["location"][0]["id"]
    assert found["service"][0]["fees_description"] == "Free"


@pytest.mark.parametrize(
    ("record", "table"),
    [
        ({"id": "1", "name": "x", "status": "active"}, "service"),
        ({"id": "1", "name": "x", "website": "http://x.example"}, "organization"),
        ({"id": "1", "location_type": "physical"}, "location"),
        ({"id": "1", "service_id": "s", "location_id": "l"}, "service_at_location"),
        ({"id": "1", "name": "x", "term_uri": "http://x.example", "code": "c"}, "term"),
        ({"id": "1", "name": "x", "version": "2"}, "taxonomy"),
    ],
)
def test_records_are_known_by_what_they_have(
    tmp_path: Path, record: dict[str, Any], table: str
) -> None:
    value = [record, {"id": "l", "location_type": "virtual", "name": "always here"}]
    found = read(tmp_path, value, "everything.json")
    assert record["id"] in {row["id"] for row in found[table]}


def test_what_is_no_record_is_noted(tmp_path: Path) -> None:
    path = tmp_path / "all.ndjson"
    path.write_text('{"openapi_url": "x"}\n7\n{"id": "s", "status": "active"}\n')
    assert notes(path) == [
        ("all.ndjson", "has records of no kind we know: not read"),
        ("all.ndjson", "has values that are no records: not read"),
    ]


def test_a_line_is_the_number_of_the_record(tmp_path: Path) -> None:
    path = tmp_path / "all.ndjson"
    path.write_text('{"id": "a", "status": "x"}\n{"id": "b", "status": "x"}\n')
    with open_source(path) as folder:
        assert [(row.cells["id"], row.line) for row in folder.rows("service")] == [
            ("a", 1),
            ("b", 2),
        ]


@pytest.mark.parametrize("backend", ["yajl2_c", "python"])
@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ('[\n{"id": 1},\n{"id": NaN}]', 3, "NaN and Infinity"),
        ('{"id": 1}\n{"id": 2}\n{"id": ', 3, "ends before it is complete"),
        ('{"id": 1},\n{"id": 2},\n{"id": oops}', 3, "is not expected here"),
        ("[\n\n" + "9" * 5_000 + "]", 3, "too many digits"),
    ],
)
def test_where_json_breaks_is_said(
    tmp_path: Path, backend: str, text: str, line: int, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    parser = ijson.get_backend(backend)
    monkeypatch.setattr(ijson, "basic_parse", parser.basic_parse)
    with pytest.raises(UnreadableError, match=rf"services\.json, line {line}: .*{reason}"):
        read(tmp_path, text)


@pytest.mark.parametrize("backend", ["yajl2_c", "python"])
def test_halves_of_characters_are_found_across_the_pieces_of_a_file(
    tmp_path: Path, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    parser = ijson.get_backend(backend)
    monkeypatch.setattr(ijson, "basic_parse", parser.basic_parse)
    escapes = r"\ud83d\ude00 \ud83d \ude00 \\ud83d \\\ud83d \\\\ud83d\ude00 \" \u00e9"
    whole = '\U0001f600 \ufffd \ufffd \\ud83d \\\ufffd \\\\ud83d\ufffd " é'
    monkeypatch.setattr(json_events, "_CHUNK", 64)
    for before in range(64):
        text = '{"id": "' + "x" * before + '", "status": "' + escapes + '"}'
        (row,) = read(tmp_path, text)["service"]
        assert row["status"] == whole, before


def test_a_cell_that_is_too_long_refuses_its_own_record_only(tmp_path: Path) -> None:
    path = tmp_path / "services.json"
    path.write_text(
        json.dumps([{"id": "a", "name": "x" * 20_001}, {"id": "b", "name": "x" * 20_000}])
    )
    with open_source(path) as folder:
        problems = [row.problem for row in folder.rows("service")]
    assert problems == ["a cell is longer than 20000 characters", None]


def test_the_same_id_with_other_content_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "services.json"
    path.write_text(json.dumps([{"id": "a", "name": "Soup"}, {"id": "a", "name": "Bread"}]))
    with open_source(path) as folder:
        problems = [row.problem for row in folder.rows("service")]
    assert problems == [None, "another record has this id"]


def test_limits_hold_before_everything_is_read(tmp_path: Path) -> None:
    path = tmp_path / "services.json"
    path.write_text(json.dumps([{"id": n, "phones": [{"id": n}]} for n in range(10)]))
    for limits, reason in (
        (Limits(rows=15), r"record \d: more than 15 rows in all.*--max-rows"),
        (Limits(nesting=2), "more than 2 deep"),
        (Limits(total_bytes=10), "10 bytes"),
        (Limits(columns=1), "more than 1 properties in one object"),
        (Limits(record_values=3), "more than 3 values"),
    ):
        with pytest.raises(TooLargeError, match=reason), open_source(path, limits):
            pass


def test_null_and_its_like_are_nothing_except_in_names(tmp_path: Path) -> None:
    found = read(tmp_path, {"id": "s", "name": "NA", "email": "null", "url": " N/A "})
    assert found["service"] == [{"id": "s", "name": "NA", "email": "", "url": ""}]
    told = "null, NA and N/A: taken as empty"
    assert notes(tmp_path / "services.json") == [("services.json", told)]


def test_records_may_not_each_have_other_properties(tmp_path: Path) -> None:
    path = tmp_path / "services.json"
    path.write_text(json.dumps([{"id": n, f"p{n}": 1} for n in range(10)]))
    with (
        pytest.raises(TooLargeError, match="'service' have more than 5 different"),
        open_source(path, Limits(columns=5)),
    ):
        pass
