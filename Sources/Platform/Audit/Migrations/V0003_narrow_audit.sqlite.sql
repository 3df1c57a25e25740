-- One tree for the lines and one for each way in which they are looked for; only open refusals have a repeat key.
CREATE TABLE narrow_audit_entries (
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
    repeat_key BLOB,
    position INTEGER,
    hash BLOB
) STRICT, WITHOUT ROWID;

INSERT INTO narrow_audit_entries
SELECT id, writer, time, action, outcome, reason, actor, subject, count, open_until, repeat_key, position, hash
FROM audit_entries;

-- Made before the old lines go, which take theirs along.
CREATE TABLE narrow_audit_personal (
    entry_id BLOB PRIMARY KEY REFERENCES narrow_audit_entries (id) ON DELETE CASCADE,
    data TEXT NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO narrow_audit_personal SELECT entry_id, data FROM audit_personal;

DROP TABLE audit_personal;
DROP TABLE audit_entries;
ALTER TABLE narrow_audit_entries RENAME TO audit_entries;
ALTER TABLE narrow_audit_personal RENAME TO audit_personal;

CREATE UNIQUE INDEX audit_entries_repeat ON audit_entries (repeat_key) WHERE repeat_key IS NOT NULL;
CREATE UNIQUE INDEX audit_entries_chain ON audit_entries (writer, position) WHERE position IS NOT NULL;
CREATE INDEX audit_entries_unsealed ON audit_entries (open_until, id) WHERE position IS NULL;
CREATE INDEX audit_entries_subject ON audit_entries (subject);
CREATE INDEX audit_entries_actor ON audit_entries (actor);
