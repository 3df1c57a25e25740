-- Events are found by their number and by their subject; identifiers are unique by how they are made.
ALTER TABLE outbox DROP CONSTRAINT outbox_id_key;
