-- Of a key that the version before wrote they are null: that it is a gateway's, or opens nothing until its owner lists
-- services, is found out by its scopes. The owner of a gateway's key is there for that version alone.
ALTER TABLE api_keys ADD COLUMN kind text CHECK (kind IN ('personal', 'service_account', 'gateway'));
ALTER TABLE api_keys ADD COLUMN services jsonb;

CREATE INDEX api_keys_kind ON api_keys (kind);
