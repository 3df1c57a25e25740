"""The server's database file, looked at or changed behind its back."""

import contextlib
import sqlite3


def query(server, statement):
    """Rows; nothing is written, so the server may run."""
    with contextlib.closing(sqlite3.connect(f"file:{server.database}?mode=ro", uri=True)) as database:
        return database.execute(statement).fetchall()


def change(server, *statements):
    """While the server does not run."""
    with contextlib.closing(sqlite3.connect(server.database)) as database, database:
        database.execute("PRAGMA foreign_keys = ON")
        for statement in statements:
            database.execute(statement)
