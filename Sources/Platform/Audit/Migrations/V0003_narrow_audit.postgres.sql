-- Only open refusals have a repeat key.
ALTER TABLE audit_entries DROP CONSTRAINT audit_entries_repeat_key_key;
CREATE UNIQUE INDEX audit_entries_repeat ON audit_entries (repeat_key) WHERE repeat_key IS NOT NULL;
DROP INDEX audit_entries_unsealed;
CREATE INDEX audit_entries_unsealed ON audit_entries (open_until, id) WHERE position IS NULL;
DROP INDEX audit_entries_time;
