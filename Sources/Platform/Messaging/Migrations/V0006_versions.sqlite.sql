-- Which version of its schema the data of an event has.
ALTER TABLE outbox_events ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE parked_events ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE dead_letters ADD COLUMN version INTEGER NOT NULL DEFAULT 1;

-- Dead letters are looked up by their group, and removed with it.
CREATE INDEX dead_letters_group ON dead_letters (group_name, id);
