-- One line of the log. Position and hash are set once, when the line is sealed; nothing else ever changes,
-- but for the count of a repeated refusal within its minute.
CREATE TABLE audit_entries (
    id BLOB PRIMARY KEY,
    writer TEXT NOT NULL,
    time INTEGER NOT NULL,
    action TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('done', 'refused')),
    reason TEXT,
    actor TEXT NOT NULL,
    subject TEXT,
    count INTEGER NOT NULL,
    open_until INTEGER NOT NULL,
    repeat_key BLOB UNIQUE,
    position INTEGER,
    hash BLOB
) STRICT;

CREATE UNIQUE INDEX audit_entries_chain ON audit_entries (writer, position) WHERE position IS NOT NULL;
CREATE INDEX audit_entries_unsealed ON audit_entries (open_until) WHERE position IS NULL;
CREATE INDEX audit_entries_time ON audit_entries (time);

-- Where each chain ends, so that a line that is missing at its end shows as well.
CREATE TABLE audit_heads (
    writer TEXT PRIMARY KEY,
    position INTEGER NOT NULL,
    hash BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Data about a person, erasable without breaking the chain.
CREATE TABLE audit_personal (
    entry_id BLOB PRIMARY KEY REFERENCES audit_entries (id) ON DELETE CASCADE,
    data TEXT NOT NULL
) STRICT, WITHOUT ROWID;
