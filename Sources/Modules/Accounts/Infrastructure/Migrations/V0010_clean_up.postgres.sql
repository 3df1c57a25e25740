-- The clean-up finds by an index whatever it removes.
CREATE INDEX signing_keys_retired ON signing_keys (retired_at) WHERE retired_at IS NOT NULL;

-- What begins alike is one range of this index: keys of an address's devices. The primary key has the database's order.
CREATE INDEX login_attempts_key_bytes ON login_attempts (key COLLATE "C");
