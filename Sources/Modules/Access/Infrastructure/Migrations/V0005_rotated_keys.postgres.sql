-- The secret before, which counts beside the new one until then.
ALTER TABLE api_keys ADD COLUMN previous_key_hash bytea;
ALTER TABLE api_keys ADD COLUMN previous_until timestamptz;
