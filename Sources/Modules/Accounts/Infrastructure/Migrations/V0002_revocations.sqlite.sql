-- What does not count any more, while tokens that say otherwise may be out. Processes read it by time.
CREATE TABLE revocations (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('session', 'key')),
    subject TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    until INTEGER NOT NULL
) STRICT;

CREATE INDEX revocations_created_at ON revocations (created_at);
CREATE INDEX revocations_until ON revocations (until);
