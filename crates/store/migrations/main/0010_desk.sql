-- How a person likes the desk: one small JSON object an account, the same on every device. version counts its changes.
CREATE TABLE preference (
  account_id {{INT}} NOT NULL PRIMARY KEY REFERENCES account (id),
  version {{INT}} NOT NULL,
  document {{TEXT}} NOT NULL,
  updated_at {{INT}} NOT NULL
);
