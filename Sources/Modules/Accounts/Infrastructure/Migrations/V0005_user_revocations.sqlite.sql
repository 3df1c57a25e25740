-- A kind more. SQLite cannot change a CHECK, so the table is made anew.
CREATE TABLE revocations_next (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('session', 'user', 'key')),
    subject TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    until INTEGER NOT NULL
) STRICT;

INSERT INTO revocations_next (number, kind, subject, created_at, until)
SELECT number, kind, subject, created_at, until FROM revocations;

DROP TABLE revocations;
ALTER TABLE revocations_next RENAME TO revocations;

CREATE INDEX revocations_created_at ON revocations (created_at);
CREATE INDEX revocations_until ON revocations (until);
