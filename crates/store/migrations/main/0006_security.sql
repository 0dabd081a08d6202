-- Security of accounts, the audit log, and the base of privacy.

-- What a list of sign-ins shows, and until when the person counts as freshly proven.
ALTER TABLE sign_in ADD COLUMN device {{TEXT}};
ALTER TABLE sign_in ADD COLUMN address {{TEXT}};
ALTER TABLE sign_in ADD COLUMN seen_at {{INT}};
ALTER TABLE sign_in ADD COLUMN proven_at {{INT}};
CREATE INDEX sign_in_account ON sign_in (account_id, id);

-- One-time codes by RFC 6238. used_step: the latest step whose code was taken, so that none counts twice.
CREATE TABLE second_factor (
  account_id {{INT}} NOT NULL REFERENCES account (id),
  secret {{BLOB}} NOT NULL,
  made_at {{INT}} NOT NULL,
  confirmed_at {{INT}},
  used_step {{INT}} NOT NULL,
  PRIMARY KEY (account_id)
-- sqlite:begin
) WITHOUT ROWID;
-- sqlite:end
-- postgres:begin
);
-- postgres:end

CREATE TABLE recovery_code (
  account_id {{INT}} NOT NULL REFERENCES account (id),
  code_hash {{BLOB}} NOT NULL,
  used_at {{INT}},
  PRIMARY KEY (account_id, code_hash)
-- sqlite:begin
) WITHOUT ROWID;
-- sqlite:end
-- postgres:begin
);
-- postgres:end

-- Between the password and the code.
CREATE TABLE sign_in_challenge (
  id {{ID}},
  account_id {{INT}} NOT NULL REFERENCES account (id),
  token_hash {{BLOB}} NOT NULL UNIQUE,
  expires_at {{INT}} NOT NULL,
  tries {{INT}} NOT NULL
);
CREATE INDEX sign_in_challenge_expires ON sign_in_challenge (expires_at);

-- Who did what, from where, on what: codes and ids, no secret and nothing personal. shop_id is empty for what concerns
-- somebody without a shop. Rows are added and stay: the triggers below refuse everything else.
CREATE TABLE audit (
  id {{ID}},
  shop_id {{INT}} REFERENCES shop (id),
  at {{INT}} NOT NULL,
  account_id {{INT}} REFERENCES account (id),
  via {{TEXT}} NOT NULL,
  address {{TEXT}},
  kind {{TEXT}} NOT NULL,
  target {{TEXT}},
  before {{TEXT}},
  after {{TEXT}}
);
CREATE INDEX audit_shop ON audit (shop_id, id);
-- sqlite:begin
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN
  SELECT RAISE(ABORT, 'the audit log only grows');
END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
BEGIN
  SELECT RAISE(ABORT, 'the audit log only grows');
END;
-- sqlite:end
-- postgres:begin
CREATE OR REPLACE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit log only grows';
END
$$;
CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
  FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows();
-- postgres:end

-- What a buyer was told or agreed to: which text (kind and version), when, and by which act.
CREATE TABLE consent (
  id {{ID}},
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  buyer_id {{INT}} NOT NULL REFERENCES buyer (id),
  kind {{TEXT}} NOT NULL,
  version {{TEXT}} NOT NULL,
  given {{INT}} NOT NULL,
  how {{TEXT}} NOT NULL,
  at {{INT}} NOT NULL
);
CREATE INDEX consent_buyer ON consent (shop_id, buyer_id, id);

-- A buyer whose personal data was erased on request.
ALTER TABLE buyer ADD COLUMN erased_at {{INT}};

-- Until which entry old text has been taken away.
CREATE TABLE retention (
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  entry_id {{INT}} NOT NULL,
  updated_at {{INT}} NOT NULL,
  PRIMARY KEY (shop_id)
-- sqlite:begin
) WITHOUT ROWID;
-- sqlite:end
-- postgres:begin
);
-- postgres:end
