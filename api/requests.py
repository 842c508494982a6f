"""What a browser sends, made so that nothing in it makes the framework stumble."""

from typing import Any, Final

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import FormMultiDict, UploadFile
from litestar.exceptions import ClientException, PermissionDeniedException

CSRF_COOKIE: Final = "openings-csrf"
CSRF_HEADER: Final = "x-csrftoken"
CSRF_FIELD: Final = "_csrf_token"


class TextRequest(Request[Any, Any, Any]):
    """A request whose form is text alone: a file in it is read, and is its text."""

    async def form(self) -> FormMultiDict:
        """Return the fields; a text, or a list of texts where several were sent."""
        try:
            await super().form()
        except (UnicodeDecodeError, LookupError):  # no text, or in letters nobody knows
            raise ClientException from None
        sent: Any = self._connection_state.form
        fields: Any = {name: await _texts(value) for name, value in sent.items()}
        _refuse_strange(fields.get(CSRF_FIELD))
        self._connection_state.form = fields  # where handlers get it from
        self._form = FormMultiDict.from_form_data(fields)
        return self._form


async def _texts(value: Any) -> str | list[str]:
    if isinstance(value, list):
        return [await _text(each) for each in value]
    return await _text(value)


async def _text(value: str | UploadFile) -> str:
    """Return what is in a file, or its name where that is no text: so it can be shown again."""
    if isinstance(value, str):
        return value
    content = await value.read()
    await value.close()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return value.filename


def refuse_strange_tokens(connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    """Refuse what guards forms where it is in letters that none of ours has.

    The framework compares it with ours, and can do so with ASCII only.
    """
    for value in (connection.cookies.get(CSRF_COOKIE), connection.headers.get(CSRF_HEADER)):
        _refuse_strange(value)


def _refuse_strange(token: Any) -> None:
    if token is not None and not (isinstance(token, str) and token.isascii()):
        raise PermissionDeniedException
