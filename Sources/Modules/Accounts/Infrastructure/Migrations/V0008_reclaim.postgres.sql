-- Counts how often an account forgot its known devices. Null is none.
ALTER TABLE users ADD COLUMN device_epoch bigint;
-- The session that asked for another address, which must live when the address is confirmed. No reference: a session
-- that is gone must not look like none.
ALTER TABLE validation_tokens ADD COLUMN session_id uuid;
