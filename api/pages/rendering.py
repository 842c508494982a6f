"""From a template and its context to a page, in the reader's language."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from litestar import Request, Response, Router
from litestar.exceptions import NotFoundException
from litestar.handlers import BaseRouteHandler
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Redirect, Template
from litestar.static_files import create_static_files_router
from litestar.status_codes import HTTP_303_SEE_OTHER
from litestar.template import TemplateConfig
from markupsafe import Markup, escape

from api.authentication import Connection, anyone
from api.languages import LANGUAGES, Language, choose_language
from api.pages.filters import FILTERS
from api.problems import problem_of
from directory.errors import UnauthenticatedError
from directory.viewer import Viewer

AnyRequest = Request[Any, Any, Any]

LANGUAGE_COOKIE = "openings-language"

#: "yes" in a browser that many people use, one after the other; gone when it closes.
KIOSK_COOKIE = "openings-kiosk"

#: Where such a browser goes when nobody touches it, and instead of leaving.
END_URL = "/screen/end"

#: Where "Exit this page" leads: a plain page that anybody may have been reading.
EXIT_URL = "https://www.weather.gov"

#: Files change with a release and are asked for with its version.
STATIC_CACHE = "public, max-age=86400"


def template_config(folder: Path) -> TemplateConfig[JinjaTemplateEngine]:
    """Return the template engine: everything is escaped, and a misspelt name is an error."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.filters.update(FILTERS)
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # from the extension
        _gettext, _ngettext, newstyle=False
    )
    return TemplateConfig(instance=JinjaTemplateEngine.from_environment(environment))


@jinja2.pass_context
def _gettext(context: jinja2.runtime.Context, message: str, **values: Any) -> Markup:
    """Say a text in the reader's language, and put values into its ``%(name)s``.

    Everything is escaped, the text too: it may be somebody's word, such as what places are
    counted in. (Jinja's own "newstyle" calls believe each text to be the template's.)
    """
    language: Language = context["language"]
    text = escape(language.translate(message))
    return text % values if values else text


@jinja2.pass_context
def _ngettext(context: jinja2.runtime.Context, one: str, many: str, num: int) -> Markup:
    """Say the text for one or for many; ``%(num)s`` is the number."""
    language: Language = context["language"]
    return escape(language.translate(one if num == 1 else many)) % {"num": num}


def static_routers(here: Path, assets: Mapping[str, Path]) -> list[Router]:
    """Serve our own files and those of the asset wheels: nothing comes from another host."""
    folders = {"own": here / "static", **assets}
    return [
        create_static_files_router(
            f"/static/{name}",
            [folder],
            guards=[anyone, _refuse_nul],
            include_in_schema=False,
            name=f"static-{name}",
            cache_control=None,
            after_request=_let_browsers_keep,
        )
        for name, folder in folders.items()
    ]


def _refuse_nul(connection: Connection, _handler: BaseRouteHandler) -> None:
    """Turn away a path that no file system can look up."""
    if "\x00" in connection.scope["path"]:
        raise NotFoundException


def _let_browsers_keep(response: Response[Any]) -> Response[Any]:
    response.headers["cache-control"] = STATIC_CACHE
    return response


def language_of(request: AnyRequest) -> Language:
    """Return the language the reader chose, else the one their browser asks for."""
    return choose_language(
        request.cookies.get(LANGUAGE_COOKIE), request.headers.get("accept-language")
    )


def is_kiosk(request: AnyRequest) -> bool:
    """Say whether the browser is a kiosk's."""
    return request.cookies.get(KIOSK_COOKIE) == "yes"


def page(request: AnyRequest, template: str, *, status_code: int = 200, **context: Any) -> Template:
    """Return a page. Every template may use ``language``, ``viewer`` and ``settings``.

    ``path`` is the page's address, ``here`` the same with its query. ``kiosk``: it clears itself.
    """
    viewer: Viewer = request.user if "user" in request.scope else Viewer()
    return Template(
        template,
        context={
            "language": language_of(request),
            "languages": LANGUAGES,
            "viewer": viewer,
            "settings": request.app.state.settings,
            "path": request.scope["path"],
            "here": _address(request),
            "exit_url": EXIT_URL,
            "end_url": END_URL,
            "kiosk": is_kiosk(request),
            **context,
        },
        status_code=status_code,
        headers={"Vary": "Cookie, Accept-Language"},
    )


def _address(request: AnyRequest) -> str:
    query = request.scope["query_string"].decode("latin-1")
    return f"{request.scope['path']}?{query}" if query else request.scope["path"]


def see_other(path: str) -> Redirect:
    """Send a browser on after a form: its reload button repeats nothing."""
    return Redirect(path, status_code=HTTP_303_SEE_OTHER)


def error_page(request: AnyRequest, error: Exception) -> Response[Any]:
    """Tell a person what went wrong; who has to sign in first is sent there."""
    if isinstance(error, UnauthenticatedError):
        return see_other("/sign-in")
    problem = problem_of(error)
    return page(request, "error.html", status_code=problem.status, problem=problem)
