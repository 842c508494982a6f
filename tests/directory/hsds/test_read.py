from pathlib import Path

import pytest

from directory.hsds.errors import (
    NoSuchFolderError,
    NotADirectoryOfServicesError,
    TooLargeError,
    UnreadableError,
)
from directory.hsds.read import Limits, open_folder, open_source, usual_name
from tests.directory.hsds.conftest import WriteFolder


def write(folder: Path, name: str, content: bytes) -> None:
    (folder / f"{name}.csv").write_bytes(content)


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("organizations", "organization"),
        ("physical_addresses", "address"),
        ("services_at_location", "service_at_location"),
        ("service_at_locations", "service_at_location"),
        ("eligibilities", "eligibility"),
        ("eligibility", "eligibility"),
        ("accessibility_for_disabilities", "accessibility"),
        ("regular_schedules", "schedule"),
        ("holiday_schedules", "holiday"),
        ("taxonomies", "taxonomy"),
        ("taxonomy_terms", "term"),
        ("service_taxonomy", "attribute"),
        ("Mail-Addresses", "address"),
        ("programs", "program"),
    ],
)
def test_tables_are_found_by_all_their_names(
    write_folder: WriteFolder, name: str, table: str
) -> None:
    folder = write_folder(services="id\n1", **{name: "id,note\n7,x"})
    (row,) = open_folder(folder).rows(table)
    assert row.cells["id"] == "7"


def test_a_taxonomy_whose_rows_have_parents_is_a_list_of_terms(write_folder: WriteFolder) -> None:
    folder = open_folder(write_folder(services="id\n1", taxonomy="taxonomy_id,parent_id\n1-2,1"))
    (row,) = folder.rows("term")
    assert row.cells["code"] == "1-2"


def test_columns_have_their_present_names(write_folder: WriteFolder) -> None:
    folder = open_folder(write_folder(organizations="ID, URL ,Tax Status\n1,http://example.org,x"))
    (row,) = folder.rows("organization")
    assert row.cells == {"id": "1", "website": "http://example.org", "tax_status": "x"}


def test_a_file_with_the_old_and_the_present_name_keeps_both(write_folder: WriteFolder) -> None:
    folder = open_folder(write_folder(services="id,fees,fees_description\n1,old,new"))
    (row,) = folder.rows("service")
    assert (row.cells["fees"], row.cells["fees_description"]) == ("old", "new")


def test_the_line_is_where_the_row_begins(tmp_path: Path) -> None:
    write(tmp_path, "services", b'id,name\r\n1,"two\r\nlines"\r\n\r\n2,next\r\n')
    assert [(row.line, row.cells["id"]) for row in open_folder(tmp_path).rows("service")] == [
        (2, "1"),
        (5, "2"),
    ]


def test_windows_files_are_read_and_it_is_said(tmp_path: Path) -> None:
    write(tmp_path, "services", "id,name\n1,Zoë\u2019s\n".encode("cp1252"))
    folder = open_folder(tmp_path)
    (row,) = folder.rows("service")
    assert row.cells["name"] == "Zoë\u2019s"
    assert folder.notes == [("services.csv", "not UTF-8: read as Windows-1252")]


def test_byte_order_marks_and_nul_characters_are_dropped(tmp_path: Path) -> None:
    write(tmp_path, "services", b"\xef\xbb\xbfid,name\n1,So\x00up\n")
    (row,) = open_folder(tmp_path).rows("service")
    assert row.cells == {"id": "1", "name": "Soup"}


def test_short_rows_and_columns_without_a_name_do_no_harm(tmp_path: Path) -> None:
    write(tmp_path, "services", b"id,name,,\n1\n2,Soup,,\n3,Bread,,,\n")
    rows = list(open_folder(tmp_path).rows("service"))
    assert [row.cells.get("name") for row in rows] == [None, "Soup", "Bread"]
    assert not any(row.problem for row in rows)


def test_rows_with_too_many_cells_or_none_have_a_problem(tmp_path: Path) -> None:
    write(tmp_path, "services", b"id,name\n1,Soup,Bread\n,\n")
    rows = list(open_folder(tmp_path).rows("service"))
    assert [row.problem for row in rows] == [
        "more cells than the first line has names",
        "the row is empty",
    ]


def test_a_cell_that_is_too_long_refuses_its_row(tmp_path: Path) -> None:
    write(tmp_path, "services", b"id,name\n1," + b"x" * 20_001 + b"\n")
    (row,) = open_folder(tmp_path).rows("service")
    assert row.problem == "a cell is longer than 20000 characters"


def test_a_quote_that_never_closes_refuses_the_file_with_its_line(tmp_path: Path) -> None:
    write(tmp_path, "services", b'id,name\n1,Soup\n2,"' + b"x,y\n" * 50_000)
    with pytest.raises(UnreadableError, match=r"services\.csv, line 3"):
        list(open_folder(tmp_path).rows("service"))


def test_too_many_rows_are_refused(write_folder: WriteFolder) -> None:
    folder = open_folder(write_folder(services="id\n1\n2\n3"), Limits(rows=2))
    with pytest.raises(TooLargeError, match="line 4"):
        list(folder.rows("service"))


def test_too_large_a_file_is_refused_unread(write_folder: WriteFolder) -> None:
    with pytest.raises(TooLargeError, match="services"):
        open_folder(write_folder(services="id\n1"), Limits(file_bytes=3))


def test_a_folder_has_to_be_there_and_to_have_a_directory_in_it(tmp_path: Path) -> None:
    with pytest.raises(NoSuchFolderError):
        open_folder(tmp_path / "nowhere")
    write(tmp_path, "recipes", b"id\n1\n")
    with pytest.raises(NotADirectoryOfServicesError):
        open_folder(tmp_path)


def test_an_empty_file_is_an_empty_table(tmp_path: Path) -> None:
    write(tmp_path, "services", b"")
    assert list(open_folder(tmp_path).rows("service")) == []


def test_files_that_are_no_tables_are_named(write_folder: WriteFolder) -> None:
    folder = open_folder(write_folder(services="id\n1", recipes="id\n1"))
    assert ("recipes.csv", "not a table we know: not read") in folder.notes


@pytest.mark.parametrize(("delimiter", "said"), [(";", "semicolons"), ("\t", "tabs")])
def test_what_separates_cells_is_found_and_said(tmp_path: Path, delimiter: str, said: str) -> None:
    text = 'id,name,url\n1,"Soup; Bread",http://a.example\n'.replace(",", delimiter)
    write(tmp_path, "services", text.replace("Soup; Bread", "Soup, Bread").encode())
    folder = open_folder(tmp_path)
    (row,) = folder.rows("service")
    assert row.cells == {"id": "1", "name": "Soup, Bread", "url": "http://a.example"}
    assert folder.notes == [("services.csv", f"cells are separated by {said}")]


def test_one_column_is_one_column(tmp_path: Path) -> None:
    write(tmp_path, "services", b'"name"\n"a;b"\n')
    assert [row.cells for row in open_folder(tmp_path).rows("service")] == [{"name": "a;b"}]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_wide_encodings_are_read_and_it_is_said(tmp_path: Path, encoding: str) -> None:
    write(tmp_path, "services", "id,name\r\n1,Zoë\r\n".encode(encoding))
    folder = open_folder(tmp_path)
    (row,) = folder.rows("service")
    assert row.cells == {"id": "1", "name": "Zoë"}
    assert folder.notes == [("services.csv", f"not UTF-8: read as {encoding[:6].upper()}")]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_lines_end_in_any_way(tmp_path: Path, end: bytes) -> None:
    write(tmp_path, "services", end.join([b"id,name", b"1,Soup", b"2,Bread"]))
    assert [row.cells["name"] for row in open_folder(tmp_path).rows("service")] == ["Soup", "Bread"]


def test_blank_lines_before_the_names_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path, "services", b"\n,,\n\nid,name\n1,Soup\n")
    (row,) = open_folder(tmp_path).rows("service")
    assert (row.line, row.cells) == (5, {"id": "1", "name": "Soup"})


def test_columns_named_twice_or_not_at_all_are_told(tmp_path: Path) -> None:
    write(tmp_path, "services", b"id,Name,name,\n1,Soup,Bread,\n2,Rice,,x\n")
    folder = open_folder(tmp_path)
    assert [row.cells["name"] for row in folder.rows("service")] == ["Soup", "Rice"]
    assert folder.notes == [
        ("services.csv", "a second column 'name': not read"),
        ("services.csv", "cells in columns without a name of their own: not read"),
    ]


def test_quotes_within_cells_are_part_of_them(tmp_path: Path) -> None:
    write(tmp_path, "services", b'id,name\n1,5" pipe\n2,"so ""called"""\n3,"a" b\n')
    found = [row.cells["name"] for row in open_folder(tmp_path).rows("service")]
    assert found == ['5" pipe', 'so "called"', "a b"]


def test_a_quote_open_at_the_end_refuses_the_file(tmp_path: Path) -> None:
    write(tmp_path, "services", b'id,name\n1,Soup\n2,"Bread\n3,Rice\n4,Milk')
    with pytest.raises(UnreadableError, match=r"services\.csv, line 3: a quote that opens here"):
        list(open_folder(tmp_path).rows("service"))


def test_words_for_nothing_are_empty_except_in_names(tmp_path: Path) -> None:
    write(tmp_path, "services", b"id,name,email,country,url\n1,NA,NULL,NA, N/A \n2,x,na,x,\n")
    folder = open_folder(tmp_path)
    rows = [row.cells for row in folder.rows("service")]
    assert rows[0] == {"id": "1", "name": "NA", "email": "", "country": "NA", "url": ""}
    assert rows[1]["email"] == "na"
    assert folder.notes == [("services.csv", "null, NA and N/A: taken as empty")]


def test_too_many_rows_are_found_before_the_first_is_used(tmp_path: Path) -> None:
    write(tmp_path, "services", b"id\n" + b"1\n" * 20)
    with (
        pytest.raises(TooLargeError, match=r"more than 19 rows in all\..*--max-rows"),
        open_source(tmp_path, Limits(rows=19)),
    ):
        pass
    with open_source(tmp_path, Limits(rows=20)) as folder:
        assert len(list(folder.rows("service"))) == 20


def test_lines_within_cells_are_not_counted_as_rows(tmp_path: Path) -> None:
    write(tmp_path, "services", b'id,name\n1,"' + b"\n" * 100 + b'"\n')
    with open_source(tmp_path, Limits(rows=1)) as folder:
        assert len(list(folder.rows("service"))) == 1


def test_tables_that_nobody_asks_for_are_told(write_folder: WriteFolder) -> None:
    folder = open_folder(write_folder(services="id\n1", units="id\n1"))
    assert list(folder.rows("service"))
    folder.note_unread()
    assert folder.notes == [("units.csv", "a table without a place here: not kept")]


def test_the_csv_files_nearest_to_the_top_are_read(tmp_path: Path) -> None:
    for place in (tmp_path / "new", tmp_path / "old" / "copy"):
        place.mkdir(parents=True)
        write(place, "services", b"id\n1\n")
    with open_source(tmp_path) as folder:
        assert [row.file for row in folder.rows("service")] == ["new/services.csv"]


def test_a_descriptor_may_name_what_is_not_there(write_folder: WriteFolder) -> None:
    path = write_folder(services="id\n1", phones="id\n2")
    (path / "datapackage.json").write_text(
        '{"resources": [{"name": "service", "path": "resources/services.csv"},'
        ' {"name": "unit", "path": "units.csv"}]}'
    )
    with open_source(path) as folder:
        assert len(list(folder.rows("service"))) == len(list(folder.rows("phone"))) == 1
        assert folder.notes == [
            ("datapackage.json", "names units.csv, which is not there"),
            ("phones.csv", "not in datapackage.json: read by its own name"),
        ]


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("county.zip", "county"),
        ("county/datapackage.json", "county"),
        ("county.json", "county"),
        ("https://Directory.Example:8443/hsds?key=1", "directory.example"),
    ],
)
def test_a_directory_has_a_name_even_if_it_is_given_none(given: str, name: str) -> None:
    assert usual_name(given) == name
