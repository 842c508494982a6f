"""Importing from an HSDS API: a real server on the loopback, in good and in bad moods."""

import gzip
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from directory.hsds.columns import MODELS
from directory.hsds.errors import BadUrlError, SourceFailedError, TooLargeError
from directory.hsds.load import read_directory
from directory.hsds.read import Kept, Limits, open_source, usual_name
from directory.hsds.records import Translation
from tests.directory.hsds.conftest import NOW, find_zip
from tests.directory.hsds.hsds_server import HsdsServer, answer, serving
from tests.directory.hsds.invented import FORMS, page, services


@pytest.fixture
def server() -> Iterator[HsdsServer]:
    with serving() as known:
        yield known


def known(translation: Translation) -> dict[str, Any]:
    return {
        table: records
        for table in MODELS
        if (records := {record.id: record.values for record in translation.of(table)})
    }


def read(url: str | Path, folder: Path | None = None) -> Translation:
    kept = Kept(folder, NOW) if folder else None
    return read_directory(url, source="invented", now=NOW, find_zip=find_zip, kept=kept)


def names(url: str, kept: Kept | None = None, **options: Any) -> list[str]:
    """The names of the services that arrive."""
    options.setdefault("pause", lambda _: None)
    with open_source(url, kept=kept, **options) as folder:
        return [row.cells["name"] for row in folder.rows("service")]


def notes(url: str, **options: Any) -> list[tuple[str, str]]:
    with open_source(url, pause=lambda _: None, **options) as folder:
        return list(folder.notes)


@pytest.mark.parametrize("full", [True, False])
def test_an_api_gives_the_same_records_as_files(tmp_path: Path, *, full: bool) -> None:
    expected = known(read(FORMS["3.x CSV"](tmp_path)))
    with serving(full=full) as server:
        translation = read(server.url)
        assert translation.report.refusals == []
        assert known(translation) == expected
        one_by_one = [asked for asked in server.asked if asked.startswith("/services/")]
        assert one_by_one == ([] if full else ["/services/s1", "/services/s2"])


def test_lists_that_an_api_does_not_have_are_noted(server: HsdsServer) -> None:
    assert ("taxonomies", "the API does not have it") in notes(server.url)


def test_lists_that_are_not_for_everybody_are_noted(server: HsdsServer) -> None:
    server.trick = lambda path, _: answer({}, 401) if path == "/organizations" else ...
    assert ("organizations", "not for everybody (answer 401): not read") in notes(server.url)


def test_an_interrupted_fetch_goes_on_where_it_stopped(server: HsdsServer, tmp_path: Path) -> None:
    kept = Kept(tmp_path, NOW)
    server.trick = lambda _, query: None if query.get("page") == ["2"] else ...
    with pytest.raises(SourceFailedError, match=r"did not answer .*, 4 times"):
        names(server.url, kept)
    assert server.asked == ["/", "/services 1", *["/services 2"] * 4]
    server.asked.clear()
    server.trick = lambda *_: ...
    assert names(server.url, kept) == ["Soup", "Check-up"]
    assert "/" not in server.asked
    assert "/services 1" not in server.asked
    assert server.asked[0] == "/services 2"
    assert list(tmp_path.iterdir()) == []


def test_a_person_may_interrupt_a_fetch_and_go_on(server: HsdsServer, tmp_path: Path) -> None:
    def stop(doing: str) -> None:
        if doing == "services: page 2":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        names(server.url, Kept(tmp_path, NOW), tell=stop)
    server.asked.clear()
    assert names(server.url, Kept(tmp_path, NOW)) == ["Soup", "Check-up"]
    assert not {"/", "/services 1", "/services 2"} & set(server.asked)


def test_what_is_refused_afterwards_is_not_fetched_again(
    server: HsdsServer, tmp_path: Path
) -> None:
    with pytest.raises(TooLargeError, match="--max-rows"):
        names(server.url, Kept(tmp_path, NOW), limits=Limits(rows=5))
    server.asked.clear()
    assert names(server.url, Kept(tmp_path, NOW), limits=Limits(rows=50)) == ["Soup", "Check-up"]
    assert "/services 1" not in server.asked


def test_services_asked_for_one_by_one_are_not_asked_for_again(tmp_path: Path) -> None:
    kept = Kept(tmp_path, NOW)
    with serving(full=False) as server:
        server.trick = lambda path, _: None if path == "/services/s2" else ...
        with pytest.raises(SourceFailedError):
            names(server.url, kept)
        server.asked.clear()
        server.trick = lambda *_: ...
        assert names(server.url, kept) == ["Soup", "Check-up"]
        assert "/services/s1" not in server.asked
        assert "/services/s2" in server.asked


def test_a_resumed_fetch_says_so(server: HsdsServer, tmp_path: Path) -> None:
    server.trick = lambda _, query: None if query.get("page") == ["2"] else ...
    with pytest.raises(SourceFailedError):
        names(server.url, Kept(tmp_path, NOW))
    server.trick = lambda *_: ...
    said = notes(server.url, kept=Kept(tmp_path, NOW + timedelta(hours=1)))
    assert (
        "API",
        "goes on from a fetch begun at 2030-06-03 12:00 UTC: 2 answers were kept",
    ) in said


def test_pages_of_the_day_before_are_fetched_again(server: HsdsServer, tmp_path: Path) -> None:
    server.trick = lambda _, query: None if query.get("page") == ["2"] else ...
    with pytest.raises(SourceFailedError):
        names(server.url, Kept(tmp_path, NOW))
    server.trick = lambda *_: ...
    server.asked.clear()
    names(server.url, Kept(tmp_path, NOW + timedelta(days=1)))
    assert "/services 1" in server.asked


def test_half_a_page_is_not_kept(server: HsdsServer, tmp_path: Path) -> None:
    def half(path: str, _: object) -> Any:
        if path != "/services":
            return ...
        status, headers, body = answer(page(services())) or (0, {}, b"")
        return status, headers, body[:-50]

    server.trick = half
    with pytest.raises(SourceFailedError, match="ends before it is complete"):
        names(server.url, Kept(tmp_path, NOW))
    server.trick = lambda *_: ...
    assert names(server.url, Kept(tmp_path, NOW)) == ["Soup", "Check-up"]


def test_a_busy_server_is_given_the_time_it_asks_for(server: HsdsServer) -> None:
    busy = [answer({}, 429, retry_after="7"), answer({}, 503, retry_after="9999"), answer({}, 500)]
    server.trick = lambda path, _: busy.pop(0) if path == "/services" and busy else ...
    pauses: list[float] = []
    assert names(server.url, pause=pauses.append) == ["Soup", "Check-up"]
    assert pauses == [7, 60, 4]


def test_a_time_to_come_back_is_taken_from_the_servers_own_clock(server: HsdsServer) -> None:
    date, later = "Mon, 03 Jun 2030 12:00:00 GMT", "Mon, 03 Jun 2030 12:00:20 GMT"
    busy = [answer({}, 503, retry_after=later, Date=date)]
    server.trick = lambda path, _: busy.pop(0) if path == "/services" and busy else ...
    pauses: list[float] = []
    names(server.url, pause=pauses.append)
    assert len(pauses) == 1
    assert 0 < pauses[0] <= 60


def test_a_server_that_stays_broken_ends_the_import(server: HsdsServer) -> None:
    server.trick = lambda path, _: answer({}, 500) if path == "/services" else ...
    with pytest.raises(SourceFailedError, match="it answered 500, 4 times"):
        names(server.url)


def test_what_is_no_hsds_api_is_said(server: HsdsServer) -> None:
    server.lists.clear()
    with pytest.raises(SourceFailedError, match="Is this the address of an HSDS API"):
        names(server.url)


def test_a_web_page_is_no_page_of_an_api(server: HsdsServer) -> None:
    server.trick = lambda *_: (200, {"content-type": "text/html"}, b"<html>Welcome</html>")
    with pytest.raises(SourceFailedError, match="not JSON"):
        names(server.url)


def test_redirects_stay_with_the_host(server: HsdsServer) -> None:
    def moved(path: str, query: dict[str, list[str]]) -> Any:
        if path == "/services":
            return answer({}, 307, location=f"/hsds/moved?page={query['page'][0]}")
        return server._usual("/services", query) if path == "/moved" else ...

    server.trick = moved
    assert names(server.url) == ["Soup", "Check-up"]


@pytest.mark.parametrize(
    "target",
    [
        "http://localhost:{port}/hsds/services",
        "http://user:word@127.0.0.1:{port}/hsds",
        "//x.example/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "http://[",
    ],
)
def test_redirects_elsewhere_are_not_followed(server: HsdsServer, target: str) -> None:
    location = target.format(port=server.port)
    server.trick = lambda path, _: answer({}, 302, location=location) if path == "/" else ...
    with pytest.raises(SourceFailedError, match="redirects"):
        names(server.url)
    assert server.asked == ["/"]


def test_redirects_in_a_circle_end(server: HsdsServer) -> None:
    server.trick = lambda *_: answer({}, 302, location="/hsds/")
    with pytest.raises(SourceFailedError, match="without end"):
        names(server.url)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://directory.example/",
        "file:///etc/passwd",
        "gopher://x",
        "http://",
        "https://user:word@directory.example/",
        "https://user@directory.example/",
        "http://[::1/",
        "http://x.example:99999/",
        "http://\x00/",
    ],
)
def test_addresses_that_are_not_asked(url: str) -> None:
    with pytest.raises(BadUrlError) as refused:
        names(url)
    assert "word" not in str(refused.value).replace("name or password", "")


def test_a_key_in_the_query_is_sent_and_not_printed(server: HsdsServer) -> None:
    seen: list[list[str]] = []

    def look(path: str, query: dict[str, list[str]]) -> Any:
        seen.append(query.get("key", []))
        return answer({}, 500) if path == "/services" else ...

    server.trick = look
    with pytest.raises(SourceFailedError) as failed:
        names(f"{server.url}?key=canary-1234")
    assert seen == [["canary-1234"]] * 5
    assert "canary" not in str(failed.value)
    assert "canary" not in usual_name(f"{server.url}?key=canary-1234")


def test_a_directory_that_changes_meanwhile_is_noted(server: HsdsServer) -> None:
    def growing(path: str, query: dict[str, list[str]]) -> Any:
        if path != "/services":
            return ...
        number = int(query["page"][0])
        shown = page([services()[number - 1]], number, 2)
        return answer(shown | {"total_items": number + 5})

    server.trick = growing
    told = notes(server.url)
    assert ("services", "changed while it was fetched: what moved may be missing") in told


def test_pages_that_are_all_the_same_end(server: HsdsServer) -> None:
    server.trick = lambda path, _: answer({"contents": services()}) if path == "/services" else ...
    told = notes(server.url)
    assert ("services", "the same page came again and again: pages are not told apart") in told


def test_a_bare_list_is_the_only_page(server: HsdsServer) -> None:
    server.trick = lambda path, _: answer(services()) if path == "/services" else ...
    assert names(server.url) == ["Soup", "Check-up"]
    assert server.asked.count("/services 1") == 1
    assert "/services 2" not in server.asked


def test_an_api_without_end_is_stopped(server: HsdsServer) -> None:
    def endless(path: str, query: dict[str, list[str]]) -> Any:
        if path != "/services":
            return ...
        return answer({"contents": [services()[0] | {"id": query["page"][0]}]})

    server.trick = endless
    with pytest.raises(TooLargeError, match="more than 20 pages"):
        names(server.url, limits=Limits(pages=20))


def test_an_answer_that_is_too_large_is_stopped(server: HsdsServer) -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    server.trick = lambda path, _: (
        (200, {"content-encoding": "gzip"}, bomb) if path == "/services" else ...
    )
    with pytest.raises(TooLargeError, match="more than 1,000,000 bytes"):
        names(server.url, limits=Limits(total_bytes=1_000_000))


def test_an_encoding_within_an_encoding_is_refused(server: HsdsServer) -> None:
    twice = gzip.compress(gzip.compress(b"{}"))
    server.trick = lambda *_: (200, {"content-encoding": "gzip, gzip"}, twice)
    with pytest.raises(SourceFailedError, match="did not ask for"):
        names(server.url)


def test_a_service_that_went_away_is_left_out() -> None:
    with serving(full=False) as server:
        server.trick = lambda path, _: answer({}, 404) if path == "/services/s2" else ...
        assert names(server.url) == ["Soup"]


def test_strange_ids_are_asked_for_as_they_are() -> None:
    with serving(full=False) as server:
        server.lists["services"][1]["id"] = "../?a=b&c d/é"
        server.lists["services"][1].pop("organization")
        asked: list[str] = []

        def look(path: str, _: object) -> Any:
            asked.append(path)
            return answer(server.lists["services"][1]) if "%2F" in path else ...

        server.trick = look
        assert names(server.url) == ["Soup", "Check-up"]
        assert "/services/..%2F%3Fa%3Db%26c%20d%2F%C3%A9" in asked


def test_nobody_listens_there() -> None:
    with pytest.raises(SourceFailedError, match="ConnectError"):
        names("http://127.0.0.1:9/hsds")
