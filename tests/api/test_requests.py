"""No body and no token that a hostile client makes up is more than a refusal."""

import re
from typing import Any

import pytest
from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient

from api.requests import CSRF_COOKIE, CSRF_FIELD, CSRF_HEADER

NAMED = b'--b\r\nContent-Disposition: form-data; name="%s"'
ODD = "é" * 100


def token_of(client: TestClient[Litestar]) -> str:
    client.get("/sign-in")
    token: str = client.cookies[CSRF_COOKIE]
    return token


def post(client: TestClient[Litestar], content: bytes, boundary: str = "b") -> Response:
    sent: Response = client.post(
        "/language",
        content=content,
        headers={"content-type": f"multipart/form-data; boundary={boundary}"},
        follow_redirects=False,
    )
    return sent


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"--b",
        b"--b--\r\n",
        NAMED % b"a" + b"\r\n\r\n\xff\xfe\r\n--b--\r\n",
        NAMED % b"a" + b"\r\nContent-Type: text/plain; charset=zebra\r\n\r\nx\r\n--b--\r\n",
        NAMED % b"_csrf_token" + b'; filename="x"\r\n\r\n1\r\n--b--\r\n',
        NAMED % b"_csrf_token" + "\r\n\r\né\r\n--b--\r\n".encode(),
    ],
)
@pytest.mark.parametrize("boundary", ["b", "", "z"])
def test_a_body_that_is_no_form_is_refused(
    client: TestClient[Litestar], content: bytes, boundary: str
) -> None:
    token_of(client)

    assert post(client, content, boundary).status_code in (400, 403, 422)


def test_a_token_is_as_good_in_a_form_with_files(client: TestClient[Litestar]) -> None:
    sent = client.post(
        "/language",
        data={CSRF_FIELD: token_of(client), "language": "es"},
        files={"back": ("back.txt", b"/my")},
        follow_redirects=False,
    )

    assert (sent.status_code, sent.headers["location"]) == (303, "/my")


def test_a_file_where_no_file_is_asked_for_is_text_or_its_name(
    client: TestClient[Litestar],
) -> None:
    fields = {CSRF_FIELD: token_of(client), "password": "x"}
    for content, said in ((b"\xef\xbb\xbfa@b.example", "a@b.example"), (b"\xff", "map.bin")):
        files = {"email": ("map.bin", content)}
        refused = client.post("/sign-in", data=fields, files=files)
        assert refused.status_code == 401
        assert re.search(f'value="{said}"', refused.text)


@pytest.mark.parametrize(
    "sent",
    [
        {"data": {CSRF_FIELD: ODD}},
        {"headers": {CSRF_HEADER.encode(): ODD.encode()}},
        {"data": {CSRF_FIELD: [ODD, "x"]}},
    ],
)
def test_a_token_in_odd_letters_is_refused(client: TestClient[Litestar], sent: Any) -> None:
    token_of(client)

    assert client.post("/language", **sent).status_code == 403


def test_a_cookie_in_odd_letters_is_refused(client: TestClient[Litestar]) -> None:
    sent = {CSRF_FIELD: token_of(client), "language": "es"}
    cookie = {b"cookie": f"{CSRF_COOKIE}={ODD}".encode()}

    assert client.post("/language", data=sent, headers=cookie).status_code == 403
