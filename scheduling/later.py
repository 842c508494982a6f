"""SQL that is put together only when a statement is compiled, which the engine remembers.

To build a large expression, and to see whether it has been compiled before, costs many times what
running it does. ``later`` stands in its place: small, and told apart by who builds it.
"""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.visitors import InternalTraversal

#: A part of what statements are remembered by. Tests that change how SQL is built change it too.
EDITION = "1"


class _Later(sa.ColumnElement[Any]):
    inherit_cache = True
    _traverse_internals = [  # noqa: RUF012  (as SQLAlchemy wants it)
        ("what", InternalTraversal.dp_plain_obj),
        ("values", InternalTraversal.dp_clauseelement_list),
    ]

    def __init__(self, what: tuple[Callable[..., Any], ...], type_: Any, values: list[Any]) -> None:
        self.what: tuple[Any, ...] = (*what, EDITION)
        self.type = sa.types.to_instance(type_)
        self.values = values


def later(what: tuple[Callable[..., Any], ...], type_: Any, *values: Any) -> Any:
    """Return what ``what[0](*what[1:], *values)`` will be: it may depend on nothing but tables.

    ``what`` holds functions of modules; each value is a named parameter or a ``sa.literal``.
    """
    return _Later(what, type_, list(values))


@compiles(_Later)
def _compile(element: _Later, compiler: Any, **options: Any) -> str:
    build, *more = element.what[:-1]
    built: str = compiler.process(build(*more, *element.values).self_group(), **options)
    return built
