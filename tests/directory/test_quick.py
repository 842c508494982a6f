"""Quick statements say and do what the same statement does through SQLAlchemy."""

import pkgutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, time, timedelta
from decimal import Decimal
from importlib import import_module
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

import directory
import scheduling
from directory.commands.accounts import create_api_key
from directory.database import Database, find_rows
from directory.models.accounts import Role
from directory.models.organizations import Organization
from directory.quick import QuickStatement
from tests.conftest import NOON
from tests.factories import make_organization

keys = SQLModel.metadata.tables["api_key"]
organizations = SQLModel.metadata.tables["organization"]

OF_ROLE = QuickStatement(sa.select(keys).where(keys.c.role == sa.bindparam("role")))
RENAME = QuickStatement(
    sa.update(organizations)
    .where(organizations.c.id == sa.bindparam("its_id"))
    .values(name=sa.bindparam("its_name"), tax_id=None)
)
NAMED = QuickStatement(
    sa.select(organizations.c.name).where(organizations.c.id == sa.bindparam("its_id"))
)


def ours() -> Iterator[tuple[str, QuickStatement]]:
    """Yield every quick statement of the application; with a name where it is for one database."""
    for package in (directory, scheduling):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            for value in vars(import_module(found.name)).values():
                each = value if isinstance(value, dict) else {"": value}
                yield from ((of, one) for of, one in each.items() if type(one) is QuickStatement)


@pytest.mark.parametrize("dialect", [sqlite.dialect(), postgresql.psycopg.dialect()])  # type: ignore[no-untyped-call]
def test_each_of_ours_can_be_put_into_words(dialect: sa.Dialect) -> None:
    words = [one._put_into_words(dialect) for of, one in ours() if of in {"", dialect.name}]

    assert len(words) > 10


def test_rows_are_those_of_sqlalchemy(database: Database) -> None:
    with database.transaction() as session:
        agency = make_organization(session, "Bread")
        for role in (Role.COORDINATOR, Role.PUBLISHER):
            create_api_key(session, organization_id=agency.id, role=role, name="x", now=NOON)

        session.flush()

        rows = OF_ROLE.rows(session, {"role": Role.PUBLISHER})

        assert [dict(row) for row in rows] == [
            dict(row) for row in find_rows(session, OF_ROLE.statement, {"role": Role.PUBLISHER})
        ]
        assert rows[0]["organization_id"] == agency.id
        assert rows[0]["created_at"] == NOON
        assert rows[0]["role"] is Role.PUBLISHER
        assert rows[0]["revoked_at"] is None
        assert OF_ROLE.row(session, {"role": Role.ADMINISTRATOR}) is None


def test_values_of_every_type_are_written_and_read_as_elsewhere(session: Session) -> None:
    """Quick and plain statements read what either wrote, down to what the tables hold."""
    kinds: dict[str, tuple[Any, Any]] = {
        "id": (sa.Uuid(), uuid4()),
        "whole": (sa.Integer(), -7),
        "broken": (sa.Float(), 0.1),
        "exact": (sa.Numeric(10, 2), Decimal("12.30")),
        "yes": (sa.Boolean(), True),
        "no": (sa.Boolean(), False),
        "day": (sa.Date(), date(2030, 2, 28)),
        "clock": (sa.Time(), time(13, 5, 59)),
        "instant": (keys.c.created_at.type, NOON + timedelta(microseconds=1)),
        "word": (keys.c.role.type, Role.PUBLISHER),
        "text": (sa.Text(), "ñ % :name ? 'quoted'"),
        "facts": (sa.JSON(none_as_null=True), {"a": [1, None]}),
    }
    columns = [sa.Column(name, kind) for name, (kind, _) in kinds.items()]
    table = sa.Table("every_kind", sa.MetaData(), sa.Column("n", sa.Integer()), *columns)
    table.create(session.connection())
    full = {name: value for name, (_, value) in kinds.items()}
    empty = dict.fromkeys(kinds)
    insert, select = QuickStatement(sa.insert(table)), QuickStatement(sa.select(table))

    for values in (full, empty):
        insert.change(session, {"n": 1, **values})
        session.connection().execute(sa.insert(table), {"n": 2, **values})

    quick = [dict(row) for row in select.rows(session, {})]
    held = session.connection().execute(sa.text("SELECT * FROM every_kind")).all()
    assert quick == [dict(row) for row in find_rows(session, select.statement)]
    assert quick == [{"n": n, **values} for values in (full, empty) for n in (1, 2)]
    assert [type(value) for value in quick[0].values()] == [int, *map(type, full.values())]
    assert held[0][1:] == held[1][1:]
    assert held[2][1:] == held[3][1:]


@pytest.mark.parametrize("wrong", ["nobody", "PUBLISHER"])
def test_word_that_is_none_of_an_enum_is_refused_as_elsewhere(session: Session, wrong: str) -> None:
    with pytest.raises(LookupError):
        OF_ROLE.rows(session, {"role": wrong})
    with pytest.raises(sa.exc.StatementError):
        find_rows(session, OF_ROLE.statement, {"role": wrong})


def test_changes_are_counted_and_undone_with_their_transaction(database: Database) -> None:
    with database.transaction() as session:
        agency = make_organization(session, "Bread").id

    with suppress(ZeroDivisionError), database.transaction() as session:
        assert RENAME.change(session, {"its_id": agency, "its_name": "Soup"}) == 1
        assert RENAME.change(session, {"its_id": uuid4(), "its_name": "Soup"}) == 0
        raise ZeroDivisionError

    assert name_of(database, agency) == "Bread"


def test_nothing_runs_after_the_end_of_its_transaction(database: Database) -> None:
    with database.transaction() as session:
        agency = make_organization(session, "Bread").id

    with database.transaction() as session:
        session.rollback()  # what it ran on is nobody's now
        with pytest.raises(sa.exc.InvalidRequestError):
            RENAME.change(session, {"its_id": agency, "its_name": "Soup"})

    assert name_of(database, agency) == "Bread"


def test_changes_are_undone_with_their_savepoint(database: Database) -> None:
    with database.transaction() as session:
        agency = make_organization(session, "Bread").id
        with suppress(ZeroDivisionError), session.begin_nested():
            RENAME.change(session, {"its_id": agency, "its_name": "Soup"})
            raise ZeroDivisionError

    assert name_of(database, agency) == "Bread"


def test_reading_sees_what_is_there(database: Database) -> None:
    with database.transaction() as session:
        agency = make_organization(session, "Bread").id

    with database.reading() as session:
        RENAME.change(session, {"its_id": agency, "its_name": "Soup"})

    assert name_of(database, agency) == "Bread"


def test_a_refusal_of_the_database_is_said_as_elsewhere(database: Database) -> None:
    with database.transaction() as session:
        agency = make_organization(session, "Bread").id

    with pytest.raises(sa.exc.IntegrityError), database.transaction() as session:
        RENAME.change(session, {"its_id": agency, "its_name": ""})


def test_an_insert_puts_null_where_it_is_given_nothing(database: Database) -> None:
    insert = QuickStatement(sa.insert(SQLModel.metadata.tables["consortium_member"]))
    with pytest.raises(sa.exc.IntegrityError), database.transaction() as session:
        insert.change(session, {})


def test_who_watches_is_told(database: Database) -> None:
    seen = []

    def watch(_1: Any, _2: Any, statement: str, *_3: Any) -> None:
        seen.append(statement)

    sa.event.listen(database.engine, "before_cursor_execute", watch)
    try:
        with database.transaction() as session:
            agency = make_organization(session, "Bread").id
            assert RENAME.change(session, {"its_id": agency, "its_name": "Soup"}) == 1
            assert OF_ROLE.rows(session, {"role": Role.PUBLISHER}) == []
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", watch)

    dialect = database.engine.dialect
    assert RENAME._put_into_words(dialect).sql in seen
    assert OF_ROLE._put_into_words(dialect).sql in seen


def test_lists_are_refused(session: Session) -> None:
    quick = QuickStatement(sa.select(keys.c.id).where(keys.c.role.in_(list(Role))))
    with pytest.raises(TypeError, match="Lists"):
        quick.rows(session, {})


def test_a_value_that_is_missing_is_named(session: Session) -> None:
    with pytest.raises(KeyError, match="its_name"):
        RENAME.change(session, {"its_id": uuid4()})


def name_of(database: Database, organization_id: Any) -> str:
    with database.reading() as session:
        found = sa.select(organizations.c.name).where(organizations.c.id == organization_id)
        return str(session.connection().execute(found).scalar_one())


def test_a_savepoint_of_the_session_undoes_it_too(database: Database) -> None:
    with database.transaction() as session:
        agency = make_organization(session, "Bread").id

    with database.transaction() as session:
        with suppress(ZeroDivisionError), session.begin_nested():
            RENAME.change(session, {"its_id": agency, "its_name": "Soup"})
            raise ZeroDivisionError
        assert NAMED.row(session, {"its_id": agency}) == {"name": "Bread"}
        with session.begin_nested():
            RENAME.change(session, {"its_id": agency, "its_name": "Rice"})

    assert name_of(database, agency) == "Rice"


def test_a_session_within_another_runs_on_its_own_savepoint(database: Database) -> None:
    with database.transaction() as session:
        agency = make_organization(session, "Bread").id

    with database.transaction() as outer:
        inner = Session(
            outer.connection(), join_transaction_mode="create_savepoint", info=outer.info
        )
        with inner:  # it ends without a commit
            RENAME.change(inner, {"its_id": agency, "its_name": "Soup"})

    assert name_of(database, agency) == "Bread"


def test_nothing_runs_after_a_flush_that_failed(database: Database) -> None:
    with database.transaction() as session:
        agency = make_organization(session, "Bread").id

    with database.transaction() as session:
        session.add(Organization(id=agency, name="The same once more", description="x"))
        with pytest.raises(sa.exc.IntegrityError):
            session.flush()
        with pytest.raises(sa.exc.PendingRollbackError):
            RENAME.change(session, {"its_id": agency, "its_name": "Soup"})
        session.rollback()

    assert name_of(database, agency) == "Bread"


def test_nothing_runs_beside_a_transaction_that_others_ended(database: Database) -> None:
    with database.transaction() as session:
        agency = make_organization(session, "Bread").id

    with database.transaction() as session:
        transaction = session.connection().get_transaction()
        assert transaction is not None
        transaction.rollback()
        with pytest.raises(sa.exc.InvalidRequestError):
            RENAME.change(session, {"its_id": agency, "its_name": "Soup"})

    assert name_of(database, agency) == "Bread"


def test_a_column_that_is_not_there_is_named(session: Session) -> None:
    insert = QuickStatement(sa.insert(SQLModel.metadata.tables["consortium_member"]))
    with pytest.raises(KeyError, match="misspelt"):
        insert.change(session, {"id": uuid4(), "misspelt": 1})


def test_a_single_question_leaves_transactions_to_whoever_begins_them(database_url: str) -> None:
    """SQLite's driver begins none by itself (None), PostgreSQL's does (no autocommit)."""
    database = Database(database_url, pool_size=1)

    def how_it_begins() -> bool | str | None:
        with database.engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            begins: bool | str | None = (
                driver.isolation_level if database.is_sqlite else driver.autocommit
            )
            return begins

    before = how_it_begins()
    with database.asking() as connection:
        assert OF_ROLE.rows(connection, {"role": Role.PUBLISHER}) == []

    assert how_it_begins() == before
    database.close()
