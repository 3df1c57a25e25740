-- When and by what a session's person last proved who he is; null where an older version opened it.
ALTER TABLE sessions ADD COLUMN auth_time timestamptz;
ALTER TABLE sessions ADD COLUMN amr text;
ALTER TABLE sessions ADD COLUMN acr text;
-- The identity of another company by which it was opened.
ALTER TABLE sessions ADD COLUMN identity_id uuid;
