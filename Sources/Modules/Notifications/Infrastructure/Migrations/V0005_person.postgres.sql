-- Whose message it is, so that a person gets and loses all of them; null for links of an older version, which say nothing of anybody.
ALTER TABLE notifications ADD COLUMN user_id uuid;
ALTER TABLE mail_suppressions ADD COLUMN user_id uuid;

-- What a notice is about is its reader.
UPDATE notifications SET user_id = reference WHERE template = 'password_changed' OR template = 'account_locked';

CREATE INDEX notifications_person ON notifications (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX mail_suppressions_person ON mail_suppressions (user_id) WHERE user_id IS NOT NULL;
