-- One line of the log. Position and hash are set once, when the line is sealed; nothing else ever changes,
-- but for the count of a repeated refusal within its minute.
CREATE TABLE audit_entries (
    id uuid PRIMARY KEY,
    writer text NOT NULL,
    time timestamptz NOT NULL,
    action text NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('done', 'refused')),
    reason text,
    actor text NOT NULL,
    subject text,
    count bigint NOT NULL,
    open_until timestamptz NOT NULL,
    repeat_key bytea UNIQUE,
    position bigint,
    hash bytea
);

CREATE UNIQUE INDEX audit_entries_chain ON audit_entries (writer, position) WHERE position IS NOT NULL;
CREATE INDEX audit_entries_unsealed ON audit_entries (open_until) WHERE position IS NULL;
CREATE INDEX audit_entries_time ON audit_entries (time);

-- Where each chain ends, so that a line that is missing at its end shows as well.
CREATE TABLE audit_heads (
    writer text PRIMARY KEY,
    position bigint NOT NULL,
    hash bytea NOT NULL
);

-- Data about a person, erasable without breaking the chain.
CREATE TABLE audit_personal (
    entry_id uuid PRIMARY KEY REFERENCES audit_entries (id) ON DELETE CASCADE,
    data jsonb NOT NULL
);
