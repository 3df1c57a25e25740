"""A server's database seen from outside: what it holds, and time that passes at once for single rows."""

import contextlib
import json
import sqlite3
import uuid

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

# Events leave the outbox as soon as they are told; a trigger keeps a copy.
JOURNAL = """
CREATE TABLE IF NOT EXISTS test_events (number INTEGER PRIMARY KEY, type TEXT, subject BLOB, data TEXT);
CREATE TRIGGER IF NOT EXISTS test_events_of_outbox AFTER INSERT ON outbox
BEGIN INSERT INTO test_events (type, subject, data) VALUES (NEW.type, NEW.subject, NEW.data); END;
"""


class Store:
    def __init__(self, server):
        self.server = server
        with self._connection() as database:
            database.executescript(JOURNAL)

    def _connection(self):
        return contextlib.closing(sqlite3.connect(self.server.database, timeout=60, isolation_level=None))

    def rows(self, sql, *values):
        with self._connection() as database:
            return database.execute(sql, values).fetchall()

    def value(self, sql, *values):
        [(value,)] = self.rows(sql, *values)
        return value

    def change(self, sql, *values):
        """Changes rows, and some at least."""
        with self._connection() as database:
            changed = database.execute(sql, values).rowcount
        assert changed > 0, sql
        return changed

    def change_all(self, sql, rows):
        """The same for each row of values, at once."""
        with self._connection() as database:
            database.execute("BEGIN IMMEDIATE")
            database.executemany(sql, rows)
            database.execute("COMMIT")

    @contextlib.contextmanager
    def locked(self):
        """Nobody else writes meanwhile."""
        with self._connection() as database:
            database.execute("BEGIN IMMEDIATE")
            yield
            database.execute("ROLLBACK")

    def events(self, subject, type=None):
        """Types and data of what was told about somebody or something, the oldest first."""
        rows = self.rows("SELECT type, data FROM test_events WHERE subject = ? ORDER BY number", key(subject))
        return [(found, json.loads(data)) for found, data in rows if type in (None, found)]

    def audit(self, subject, action=None):
        """Lines of the audit log about `kind:id`, the oldest first."""
        rows = self.rows(
            "SELECT action, outcome, reason, actor, count FROM audit_entries WHERE subject = ? ORDER BY time, id", subject
        )
        return [row for row in rows if action in (None, row[0])]

    # Time that passes. Every time of a row moves into the past together.

    def age_session(self, session_id, milliseconds):
        self._age("sessions", "id", session_id, milliseconds, "created_at", "last_used", "expires_at", "revoked_at")
        self._age("refresh_tokens", "session_id", session_id, milliseconds, "created_at", "expires_at", "revoked_at")

    def age_links(self, user_id, milliseconds):
        self._age("validation_tokens", "user_id", user_id, milliseconds, "created_at", "used_at")

    def age_codes(self, user_id, milliseconds):
        """Codes and links keep their end: it is part of what is signed."""
        self._age("login_codes", "user_id", user_id, milliseconds, "created_at", "used_at")

    def age_failures(self, milliseconds, like="%"):
        self.change(
            "UPDATE login_attempts SET window_start = window_start - ?1, last_failure = last_failure - ?1,"
            " locked_until = locked_until - ?1 WHERE key LIKE ?2",
            milliseconds, like,
        )

    def failures(self, like="%"):
        """How often each key has failed in its window."""
        return dict(self.rows("SELECT key, failures FROM login_attempts WHERE key LIKE ?", like))

    def _age(self, table, column, identifier, milliseconds, *times):
        changes = ", ".join(f"{time} = {time} - ?1" for time in times)
        self.change(f"UPDATE {table} SET {changes} WHERE {column} = ?2", milliseconds, key(identifier))


def key(identifier):
    return uuid.UUID(identifier).bytes
