-- Whether gateways lead browsers to the page of signing in.
ALTER TABLE services ADD COLUMN browser_sign_in INTEGER NOT NULL DEFAULT 1;
