"""The databases that servers are tested on, seen from outside.

A test speaks one SQL to both: `?` is a value. Values given are Python's: UUID, `moment`, `span`, bool, str, int, bytes.
Rows come as SQLite stores them: an identifier is 16 bytes, a time a number of milliseconds, JSON a text.
"""

import contextlib
import itertools
import os
import sqlite3
import subprocess
import threading
import uuid
from datetime import datetime, timedelta, timezone
from pathlib import Path

import psycopg
from psycopg.adapt import Loader
from psycopg.types.datetime import TimestamptzLoader

SCRIPT = Path(__file__).parents[3] / "scripts" / "postgres"
EPOCH = datetime.fromtimestamp(0, timezone.utc)
MILLISECOND = timedelta(milliseconds=1)


def moment(milliseconds):
    """A time as a value."""
    return EPOCH + milliseconds * MILLISECOND


def span(milliseconds):
    """What a time can be moved by: `created_at - ?`."""
    return milliseconds * MILLISECOND


sqlite3.register_adapter(uuid.UUID, lambda identifier: identifier.bytes)
sqlite3.register_adapter(datetime, lambda time: (time - EPOCH) // MILLISECOND)
sqlite3.register_adapter(timedelta, lambda span: span // MILLISECOND)


class SQLiteDatabase:
    """The file of a server."""

    kind = "sqlite"
    # Nothing needs to be set: it is where servers have it by themselves.
    variables = {}

    def __init__(self, path):
        self.path = path
        self.url = f"sqlite:{path}"

    def _connection(self):
        return contextlib.closing(sqlite3.connect(self.path, timeout=60, isolation_level=None))

    def rows(self, sql, *values):
        """Nothing is written: a mode in which a running server need not wait."""
        with contextlib.closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=60)) as connection:
            return connection.execute(sql, values).fetchall()

    def execute(self, sql, *values):
        """Returns how many rows were changed."""
        with self._connection() as connection:
            connection.execute("PRAGMA foreign_keys = ON")
            return connection.execute(sql, values).rowcount

    def execute_all(self, sql, rows):
        """The same for each row of values, at once."""
        with self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(sql, rows)
            connection.execute("COMMIT")

    def install_journal(self):
        """Events leave the outbox as soon as they are told; a trigger keeps a copy."""
        with self._connection() as connection:
            connection.executescript("""
                CREATE TABLE IF NOT EXISTS test_events (number INTEGER PRIMARY KEY, type TEXT, subject BLOB, data TEXT);
                CREATE TRIGGER IF NOT EXISTS test_events_of_outbox AFTER INSERT ON outbox_events
                BEGIN INSERT INTO test_events (type, subject, data) VALUES (NEW.type, NEW.subject, NEW.data); END;
            """)

    @contextlib.contextmanager
    def locked(self):
        """Nobody else writes meanwhile."""
        with self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("ROLLBACK")

    def tables(self):
        rows = self.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        return {name for (name,) in rows}

    def columns(self, table):
        return [name for (name,) in self.rows("SELECT name FROM pragma_table_info(?)", table)]

    def restore(self, dump):
        """From the text that SQLite's shell or `iterdump` made; nothing may be there yet."""
        self.path.parent.mkdir(exist_ok=True)
        with self._connection() as connection:
            connection.executescript(dump)

    def is_sound(self):
        return self.rows("PRAGMA integrity_check") == [("ok",)] and self.rows("PRAGMA foreign_key_check") == []

    def compact(self):
        """Nothing of deleted rows is left."""
        self.execute("VACUUM")

    def at_rest(self):
        """What somebody finds who has the disk, deleted rows included."""
        files = sorted(self.path.parent.glob(self.path.name + "*"))
        return b"".join(file.read_bytes() for file in files)


class PostgresDatabase:
    """A database of its own on the server of the tests."""

    kind = "postgres"

    def __init__(self, url):
        self.url = url
        self.variables = {"DATABASE_URL": url}
        self._open = None
        self._has_journal = False

    @property
    def name(self):
        return self.url.partition("?")[0].rpartition("/")[2]

    def connect(self):
        connection = psycopg.connect(self.url, autocommit=True)
        for type, loader in [("uuid", BytesOfIdentifier), ("timestamptz", MillisecondsOfTime), ("jsonb", TextOfJSON)]:
            connection.adapters.register_loader(type, loader)
        return connection

    @property
    def _connection(self):
        if self._open is None or self._open.closed:
            self._open = self.connect()
        return self._open

    def close(self):
        if self._open is not None:
            self._open.close()

    def rows(self, sql, *values):
        return self._connection.execute(for_psycopg(sql), values).fetchall()

    def execute(self, sql, *values):
        return self._connection.execute(for_psycopg(sql), values).rowcount

    def execute_all(self, sql, rows):
        with self._connection.transaction(), self._connection.cursor() as cursor:
            cursor.executemany(for_psycopg(sql), rows)

    def install_journal(self):
        if self._has_journal:
            return
        self._has_journal = True
        self._connection.execute("""
            CREATE TABLE test_events
                (number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, type text, subject uuid, data jsonb);
            CREATE FUNCTION test_events_of_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                INSERT INTO test_events (type, subject, data) VALUES (NEW.type, NEW.subject, NEW.data);
                RETURN NULL;
            END $$;
            CREATE TRIGGER test_events_of_outbox AFTER INSERT ON outbox_events
                FOR EACH ROW EXECUTE FUNCTION test_events_of_outbox();
        """)

    @contextlib.contextmanager
    def locked(self):
        with self.connect() as connection, connection.transaction(force_rollback=True):
            for table in sorted(self.tables()):
                connection.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
            yield

    def tables(self):
        return {name for (name,) in self.rows("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")}

    def columns(self, table):
        columns = "SELECT column_name FROM information_schema.columns WHERE table_name = ?"
        return [name for (name,) in self.rows(columns, table)]

    def restore(self, dump):
        """From what `pg_dump --inserts` made, without the lines for psql; nothing may be there yet."""
        self._connection.execute(dump)

    def is_sound(self):
        """It does not fall with the servers that use it; its constraints hold."""
        return self.rows("SELECT conname FROM pg_constraint WHERE NOT convalidated") == []

    def compact(self):
        self.execute("VACUUM FULL")

    def at_rest(self):
        """Every row as the server sends it, bytes as bytes."""
        parts = []
        for table in sorted(self.tables()):
            with self._connection.cursor().copy(f"COPY {table} TO STDOUT (FORMAT binary)") as copy:
                parts += [bytes(part) for part in copy]
        return b"".join(parts)


def for_psycopg(sql):
    return sql.replace("%", "%%").replace("?", "%s")


class BytesOfIdentifier(Loader):
    def load(self, data):
        return bytes.fromhex(bytes(data).decode().replace("-", ""))


class MillisecondsOfTime(TimestamptzLoader):
    def load(self, data):
        return (super().load(data) - EPOCH) // MILLISECOND


class TextOfJSON(Loader):
    def load(self, data):
        return bytes(data).decode()


class SQLiteFiles:
    """Every folder that a server is started in has its own."""

    kind = "sqlite"

    def of(self, folder):
        return SQLiteDatabase(Path(folder) / "data" / "gapura.db")

    with_schema = of

    def close(self):
        pass


class PostgresDatabases:
    """The same on a PostgreSQL server: made when a folder is first used, dropped by `close`.

    `schema` gives the name of a database that has it and that nobody is connected to.
    """

    kind = "postgres"
    _numbers = itertools.count(1)

    def __init__(self, server_url, schema=None):
        self.server_url = server_url
        self._schema = schema
        self._made = {}
        self._lock = threading.Lock()

    def of(self, folder):
        """Empty."""
        return self._of(folder, lambda: "template0")

    def with_schema(self, folder):
        """A copy of one that is up to date: a tenth of the work of bringing an empty one there."""
        return self._of(folder, self._schema)

    def _of(self, folder, template):
        with self._lock:
            if folder not in self._made:
                self._made[folder] = self.new(template=template())
            return self._made[folder]

    def new(self, options="", template="template0"):
        """One that belongs to no folder."""
        name = f"e2e_{os.getpid()}_{next(self._numbers)}"
        self._administer(f"CREATE DATABASE {name} TEMPLATE {template} {options}")
        database = PostgresDatabase(with_name(self.server_url, name))
        self._made[name] = database
        return database

    def close(self):
        for database in set(self._made.values()):
            database.close()
            self._administer(f"DROP DATABASE {database.name} WITH (FORCE)")
        self._made = {}

    def _administer(self, statement):
        with psycopg.connect(self.server_url, autocommit=True) as connection:
            connection.execute(statement)


def with_name(url, name):
    before, question, options = url.partition("?")
    return f"{before.rpartition('/')[0]}/{name}{question}{options}"


class PostgresServer:
    """A server of one's own, through `scripts/postgres watch`; it ends with `stop` or with this process."""

    def __init__(self, *options):
        arguments = [argument for option in options for argument in ("-c", option)]
        self._process = subprocess.Popen(
            [SCRIPT, "watch", *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.url = self._process.stdout.readline().strip()
        self.folder = self._process.stdout.readline().strip()
        if not self.folder:
            self.stop()
            raise RuntimeError("no PostgreSQL server could be started; scripts/postgres says why")

    def halt(self):
        """Until `go_on`; on the same port then."""
        subprocess.run([SCRIPT, "stop", self.folder], check=True, stdout=subprocess.DEVNULL)

    def go_on(self):
        subprocess.run([SCRIPT, "start", self.folder], check=True, stdout=subprocess.DEVNULL)

    def stop(self):
        self._process.communicate()
