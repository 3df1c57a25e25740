-- Whether the owner deactivated the account, and so may reactivate it. Null, of accounts from before, is no.
ALTER TABLE users ADD COLUMN deactivated_by_owner INTEGER;
-- Addresses whose owner has said that an account of theirs is not theirs: they get no mails until then.
CREATE TABLE quiet_addresses (
    address_key TEXT PRIMARY KEY,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX quiet_addresses_until ON quiet_addresses (until);
