-- When and by what a session's person last proved who he is; null where an older version opened it.
ALTER TABLE sessions ADD COLUMN auth_time INTEGER;
ALTER TABLE sessions ADD COLUMN amr TEXT;
ALTER TABLE sessions ADD COLUMN acr TEXT;
-- The identity of another company by which it was opened.
ALTER TABLE sessions ADD COLUMN identity_id BLOB;
