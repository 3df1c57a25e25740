-- What else a line is found by: of equal refusals, which are one line with a count, the first ones have one each.
CREATE TABLE audit_references (
    reference uuid PRIMARY KEY,
    entry_id uuid NOT NULL REFERENCES audit_entries (id) ON DELETE CASCADE
);
