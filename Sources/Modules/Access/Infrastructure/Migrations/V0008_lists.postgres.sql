-- Keys of a holder in the order of their list.
CREATE INDEX api_keys_of_user ON api_keys (user_id, id);
CREATE INDEX api_keys_of_tenant ON api_keys (tenant_id, id);
CREATE INDEX api_keys_of_kind ON api_keys (kind, id);
DROP INDEX IF EXISTS api_keys_user;
DROP INDEX IF EXISTS api_keys_tenant;
DROP INDEX IF EXISTS api_keys_kind;
