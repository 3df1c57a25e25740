-- A line that goes takes its references along: they are found by an index.
CREATE INDEX audit_references_entry ON audit_references (entry_id);
