-- Mails that are done with, and suppressions, have an end.
CREATE INDEX notifications_done ON notifications (created_at) WHERE state <> 'queued';
CREATE INDEX mail_suppressions_age ON mail_suppressions (created_at);
