-- What a request has made goes with it: its row is found by what it made.
CREATE INDEX idempotency_keys_resource ON idempotency_keys (resource_id);
