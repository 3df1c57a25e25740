-- Lines of a subject, an actor or an action in the order of the list.
CREATE INDEX audit_entries_of_subject ON audit_entries (subject, id);
CREATE INDEX audit_entries_of_actor ON audit_entries (actor, id);
CREATE INDEX audit_entries_of_action ON audit_entries (action, id);
DROP INDEX audit_entries_subject;
DROP INDEX audit_entries_actor;
