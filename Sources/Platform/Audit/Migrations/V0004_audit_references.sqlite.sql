-- What else a line is found by: of equal refusals, which are one line with a count, the first ones have one each.
CREATE TABLE audit_references (
    reference BLOB PRIMARY KEY,
    entry_id BLOB NOT NULL REFERENCES audit_entries (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
