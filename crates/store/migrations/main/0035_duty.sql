-- When the shop serves and who works: days that differ from their weekday, shifts, and modes that hold for a time.
-- Days are numbers such as 20261123; spans are texts such as "08:00-12:00 13:00-24:00" in the shop's zone.

-- A holiday or an exception. Empty spans: closed.
CREATE TABLE special_day (
  id {{ID}},
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  first_day {{INT}} NOT NULL,
  last_day {{INT}} NOT NULL,
  spans {{TEXT}} NOT NULL,
  name {{TEXT}} NOT NULL,
  made_by {{INT}} REFERENCES account (id),
  created_at {{INT}} NOT NULL
);
CREATE INDEX special_day_last ON special_day (shop_id, last_day, id);

-- One person's work on one day.
CREATE TABLE roster_shift (
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  day {{INT}} NOT NULL,
  account_id {{INT}} NOT NULL REFERENCES account (id),
  kind {{TEXT}} NOT NULL,
  spans {{TEXT}} NOT NULL,
  updated_at {{INT}} NOT NULL,
  PRIMARY KEY (shop_id, day, account_id)
);

-- Night mode and big sale: what is different from a moment until another. ended_at: it was switched off before.
-- document: a small JSON object with texts, caps and the list to check.
CREATE TABLE shop_mode (
  id {{ID}},
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  kind {{TEXT}} NOT NULL,
  starts_at {{INT}} NOT NULL,
  ends_at {{INT}} NOT NULL,
  ended_at {{INT}},
  document {{TEXT}} NOT NULL,
  made_by {{INT}} REFERENCES account (id),
  created_at {{INT}} NOT NULL
);
CREATE INDEX shop_mode_ends ON shop_mode (shop_id, ends_at, id);
