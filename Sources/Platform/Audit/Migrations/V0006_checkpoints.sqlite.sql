-- Where a chain begins after older lines were cut off: place and hash of the last of them, sealed by the master key.
CREATE TABLE audit_checkpoints (
    writer TEXT PRIMARY KEY,
    position INTEGER NOT NULL,
    hash BLOB NOT NULL,
    seal BLOB NOT NULL,
    cut_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
