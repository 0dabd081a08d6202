-- When somebody else gave the account its password; empty once its owner chose one.
ALTER TABLE account ADD COLUMN password_given_at {{INT}};
