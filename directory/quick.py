"""Statements that run often: put into words once, then handed to the driver as they are.

To look up how a statement was compiled, to set up its execution and to wrap its result costs
SQLAlchemy several times what a database takes to run it. A ``QuickStatement`` is compiled by
SQLAlchemy too, once for each kind of database, with the types of its parameters and columns;
after that a run is one call of the driver. What fails raises the same errors as anywhere else.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, cast

import sqlalchemy as sa
from sqlalchemy.orm import SessionTransaction
from sqlmodel import Session

#: One row of a result, by column name.
Row = Mapping[str, Any]

#: Turns a value into what the driver takes, or back; None where nothing is to be done.
_Turn = Callable[[Any], Any] | None

_IN_HAND = "connection in hand"
_GIVEN = object()


class _Connection(NamedTuple):
    """What a transaction runs on, as SQLAlchemy and as the driver know it."""

    known: sa.Connection
    driver: Any

    @property
    def is_watched(self) -> bool:
        """Whether somebody wants to be told of every statement: SQLAlchemy runs them then."""
        return bool(self.known.dispatch.before_cursor_execute)

    @property
    def dialect(self) -> Any:
        return self.known.dialect


class _InHand(NamedTuple):
    """What a session runs on for as long as its own transaction and the connection's last."""

    connection: _Connection
    own: SessionTransaction | None
    root: sa.RootTransaction | None

    def is_good_for(self, session: Session) -> bool:
        """Say whether nothing began or ended since.

        A savepoint of the session begins with the first statement that the session knows of, and
        after one that was undone the next begins with the next.
        """
        own, root = self.own, self.root
        return (
            own is not None
            and root is not None
            and own is session.get_transaction()
            and own.is_active
            and root.is_active
            and session.get_nested_transaction() is None
        )


class _Words(NamedTuple):
    """A statement in the words of one kind of database."""

    sql: str
    #: The name of each parameter, its value where that never changes, and its turn.
    parameters: Sequence[tuple[str, Any, _Turn]]
    by_position: bool

    def filled_in(self, values: Mapping[str, Any]) -> Any:
        """Return the driver's parameters. Raises ``KeyError`` for a value that is missing."""
        filled = []
        for name, constant, turn in self.parameters:
            value = values[name] if constant is _GIVEN else constant
            filled.append(value if turn is None or value is None else turn(value))
        if self.by_position:
            return filled
        return dict(zip([name for name, *_ in self.parameters], filled, strict=True))


class QuickStatement:
    """A Core statement with named parameters.

    None is NULL, in a column of JSON too. An INSERT puts NULL where it is given no value, whatever
    a model's default; a column that there is not raises ``KeyError``. Lists as parameters
    (``in_``) are refused: ``TypeError``, when it first runs.
    """

    def __init__(self, statement: Any) -> None:
        self.statement = statement
        self._words: dict[str, _Words] = {}
        self._columns: dict[str, Sequence[tuple[str, _Turn]]] = {}
        inserted = statement.table.columns.keys() if isinstance(statement, sa.Insert) else ()
        self._inserted = dict.fromkeys(inserted)

    def rows(self, session: Session | sa.Connection, values: Mapping[str, Any]) -> Sequence[Row]:
        """Run it and return its rows by column name."""
        connection = _connection_of(session)
        if connection.is_watched:
            found = connection.known.execute(self.statement, values).mappings().all()
            return cast("Sequence[Row]", found)
        cursor = self._run(connection, values)
        columns = self._columns.get(connection.dialect.name)
        if columns is None:
            columns = self._columns_from(connection.dialect, cursor)
        return [
            {
                name: value if turn is None or value is None else turn(value)
                for (name, turn), value in zip(columns, row, strict=True)
            }
            for row in cursor.fetchall()
        ]

    def row(self, session: Session | sa.Connection, values: Mapping[str, Any]) -> Row | None:
        """Run it and return its first row, or None."""
        found = self.rows(session, values)
        return found[0] if found else None

    def change(self, session: Session, values: Mapping[str, Any]) -> int:
        """Run it and return how many rows it changed."""
        connection = _connection_of(session)
        if self._inserted:
            values = {**self._inserted, **values}
            if len(values) > len(self._inserted):
                raise KeyError(*(values.keys() - self._inserted))
        if connection.is_watched:
            return connection.known.execute(self.statement, values).rowcount
        count: int = self._run(connection, values).rowcount
        return count

    def _run(self, connection: _Connection, values: Mapping[str, Any]) -> Any:
        dialect = connection.dialect
        words = self._words.get(dialect.name) or self._put_into_words(dialect)
        errors = dialect.loaded_dbapi.Error
        parameters = words.filled_in(values)
        try:
            return connection.driver.execute(words.sql, parameters)
        except errors as error:
            if dialect.is_disconnect(error, connection.driver, None):
                connection.known.invalidate(error)
            raise sa.exc.DBAPIError.instance(
                words.sql, None, error, errors, hide_parameters=True, dialect=dialect
            ) from error

    def _put_into_words(self, dialect: Any) -> _Words:
        compiled = self.statement.compile(dialect=dialect, column_keys=list(self._inserted) or None)
        if "POSTCOMPILE" in compiled.string:
            raise TypeError(f"Lists are not for a quick statement: {compiled.string}")
        binds = {name: bind for bind, name in compiled.bind_names.items()}
        words = _Words(
            compiled.string,
            [
                (
                    name,
                    _GIVEN if binds[name].required else binds[name].effective_value,
                    binds[name].type.dialect_impl(dialect).bind_processor(dialect),
                )
                for name in compiled.positiontup or compiled.params
            ],
            by_position=compiled.positiontup is not None,
        )
        self._words[dialect.name] = words
        return words

    def _columns_from(self, dialect: Any, cursor: Any) -> Sequence[tuple[str, _Turn]]:
        columns = [
            (column.key, column.type.dialect_impl(dialect).result_processor(dialect, about[1]))
            for column, about in zip(
                self.statement.exported_columns, cursor.description, strict=True
            )
        ]
        self._columns[dialect.name] = columns
        return columns


def keep_in_hand(session: Session) -> None:
    """Begin a session's transaction, and remember what it runs on for as long as it lasts.

    To ask the session for it again costs as much as to run a statement.
    """
    known = session.connection()
    session.info[_IN_HAND] = _InHand(
        _as_known(known), session.get_transaction(), known.get_transaction()
    )


def _connection_of(session: Session | sa.Connection) -> _Connection:
    if isinstance(session, sa.Connection):
        return _as_known(session)
    kept: _InHand | None = session.info.get(_IN_HAND)
    if kept is not None and kept.is_good_for(session):
        return kept.connection
    known = session.connection()
    if not known.in_transaction():  # it ended without the session, which may not begin another
        known.begin()
    return _as_known(known)


def _as_known(connection: sa.Connection) -> _Connection:
    return _Connection(connection, connection.connection.driver_connection)
