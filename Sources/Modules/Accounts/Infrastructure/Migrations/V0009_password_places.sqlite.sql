-- Accounts with a password by the random end of their id: an address without one is compared with the hash of the
-- account at its place, so that the time of a comparison does not tell who is there.
CREATE INDEX users_by_place ON users (lower(hex(substr(id, 11)))) WHERE password_hash IS NOT NULL;
