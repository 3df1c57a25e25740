-- Where a chain begins after older lines were cut off: place and hash of the last of them, sealed by the master key.
CREATE TABLE audit_checkpoints (
    writer text PRIMARY KEY,
    position bigint NOT NULL,
    hash bytea NOT NULL,
    seal bytea NOT NULL,
    cut_at timestamptz NOT NULL
);
