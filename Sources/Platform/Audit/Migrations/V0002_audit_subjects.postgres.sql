CREATE INDEX audit_entries_subject ON audit_entries (subject);
CREATE INDEX audit_entries_actor ON audit_entries (actor);
