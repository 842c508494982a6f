"""words are found by an index of each database's own, and typos by the words that are there.

A later migration that makes ``search_entry`` anew on SQLite (``batch_alter_table`` does, for all
but new columns) loses its triggers and has to call ``make_triggers`` again; a test finds out.
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

#: The words as PostgreSQL keeps and indexes them: as they stand. It is a column because making
#: it costs more than all else, and an index alone would have it made for every row looked at.
WORDS = "array_to_tsvector(array_remove(string_to_array(text, ' '), ''))"

#: For SQLite: an index that keeps no copy of the text, nor where in it a word stands. "ascii"
#: takes every letter that is not ASCII as part of a word, so that its words are exactly those
#: between the spaces. Numbers that stay the same are needed, and row ids may not (VACUUM).
TABLES = (
    "CREATE TABLE search_text_row (number INTEGER PRIMARY KEY, entry_id CHAR(32) NOT NULL UNIQUE)",
    """CREATE VIRTUAL TABLE search_text USING fts5 (
        text, content='', detail=none, columnsize=0, tokenize="ascii tokenchars '_'"
    )""",
)
FILL = (
    "INSERT INTO search_text_row (entry_id) SELECT id FROM search_entry ORDER BY id",
    """INSERT INTO search_text (rowid, text)
        SELECT number, text FROM search_text_row JOIN search_entry ON id = entry_id
        ORDER BY number""",
)
_ADD = """INSERT INTO search_text (rowid, text)
    SELECT number, new.text FROM search_text_row WHERE entry_id = new.id"""
_TAKE = """INSERT INTO search_text (search_text, rowid, text)
    SELECT 'delete', number, old.text FROM search_text_row WHERE entry_id = old.id"""
TRIGGERS = {
    "search_text_inserted": f"""AFTER INSERT ON search_entry BEGIN
        INSERT INTO search_text_row (entry_id) VALUES (new.id);
        {_ADD};
    END""",
    "search_text_deleted": f"""AFTER DELETE ON search_entry BEGIN
        {_TAKE};
        DELETE FROM search_text_row WHERE entry_id = old.id;
    END""",
    "search_text_updated": f"""AFTER UPDATE OF id, text ON search_entry BEGIN
        {_TAKE};
        UPDATE search_text_row SET entry_id = new.id WHERE entry_id = old.id;
        {_ADD};
    END""",
}

#: How many rows are read, or words written, at a time; how long the words are that are kept; and
#: how many letters of a word, and of a text, count.
BATCH = 1_000
SHORTEST_WORD, LONGEST_WORD = 4, 40
LETTERS_OF_WORD, LETTERS_OF_TEXT = 200, 180_000


def make_triggers() -> None:
    for name, does in TRIGGERS.items():
        op.execute(f"CREATE TRIGGER {name} {does}")


def _index_words() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for statement in (*TABLES, *FILL):
            op.execute(statement)
        make_triggers()
    else:
        op.execute(
            f"ALTER TABLE search_entry ADD words tsvector GENERATED ALWAYS AS ({WORDS}) STORED"
        )
        op.execute("CREATE INDEX ix_search_entry_words ON search_entry USING gin (words)")


def _forget_index() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in TRIGGERS:
            op.execute(f"DROP TRIGGER {name}")
        op.drop_table("search_text")
        op.drop_table("search_text_row")
    else:
        op.drop_column("search_entry", "words")


def _cut(text: str) -> str:
    words = (word[:LETTERS_OF_WORD] for word in text[:LETTERS_OF_TEXT].split(" ") if word)
    return "".join(f" {word}" for word in words) + " "


def _words_of_rows() -> set[str]:
    """Return the words of all rows, which are folded already; cut texts that are too long."""
    entries = sa.table("search_entry", sa.column("id", sa.Uuid()), sa.column("text", sa.Text()))
    read = sa.select(entries).execution_options(yield_per=BATCH)
    words: set[str] = set()
    too_long: dict[Any, str] = {}
    for id_, text in op.get_bind().execute(read):
        cut = _cut(text)
        words.update(cut.split())
        if len(cut) < len(text):
            too_long[id_] = cut
    for id_, cut in too_long.items():
        op.get_bind().execute(sa.update(entries).where(entries.c.id == id_).values(text=cut))
    return words


def _may_be_meant(word: str) -> bool:
    digits = any(letter.isnumeric() for letter in word)
    return SHORTEST_WORD <= len(word) <= LONGEST_WORD and not digits


def _batches(words: list[str]) -> Iterator[list[dict[str, str]]]:
    for start in range(0, len(words), BATCH):
        yield [{"word": word} for word in words[start : start + BATCH]]


def upgrade() -> None:
    words = op.create_table(
        "search_word",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("word", sqlmodel.sql.sqltypes.AutoString(length=LONGEST_WORD), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_word")),
    )
    op.create_index(op.f("ix_search_word_word"), "search_word", ["word"], unique=False)
    for batch in _batches(sorted(filter(_may_be_meant, _words_of_rows()))):
        op.get_bind().execute(sa.insert(words), batch)
    # Until a row is made anew, all its words count as the listing's own, and none as its name's.
    op.execute("UPDATE search_entry SET text = '  ' || text || '  '")
    _index_words()


def downgrade() -> None:
    _forget_index()
    op.drop_table("search_word")
