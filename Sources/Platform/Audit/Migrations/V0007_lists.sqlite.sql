-- Lines of an action. This and the indexes before it end in the key, by which the list is ordered.
CREATE INDEX audit_entries_action ON audit_entries (action);
