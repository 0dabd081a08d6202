-- What a shop makes of the guard's rules, each row with the date from which it holds, and what the guard noted of
-- messages that left. Words of the product itself are in the product.

CREATE TABLE guard_level (
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  rule {{TEXT}} NOT NULL,
  valid_from {{INT}} NOT NULL,
  level {{TEXT}} NOT NULL,
  account_id {{INT}} REFERENCES account (id),
  PRIMARY KEY (shop_id, rule, valid_from)
);

-- exempt 1: an exception. valid_until: null while it holds without an end.
CREATE TABLE guard_word (
  id {{ID}},
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  rule {{TEXT}} NOT NULL,
  exempt {{INT}} NOT NULL,
  word {{TEXT}} NOT NULL,
  better {{TEXT}},
  valid_from {{INT}} NOT NULL,
  valid_until {{INT}},
  account_id {{INT}} REFERENCES account (id)
);
CREATE UNIQUE INDEX guard_word_held ON guard_word (shop_id, rule, exempt, word) WHERE valid_until IS NULL;
CREATE INDEX guard_word_shop ON guard_word (shop_id, id);

-- Counts the changes of a shop's rules: servers renew what they hold in memory by it.
CREATE TABLE guard_version (
  shop_id {{INT}} NOT NULL PRIMARY KEY REFERENCES shop (id),
  version {{INT}} NOT NULL
);

-- A message that left although a rule had found something. word is the rule's; reason is null for a mere warning.
CREATE TABLE guard_note (
  id {{ID}},
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  conversation_id {{INT}} NOT NULL REFERENCES conversation (id),
  entry_seq {{INT}} NOT NULL,
  rule {{TEXT}} NOT NULL,
  level {{TEXT}} NOT NULL,
  word {{TEXT}} NOT NULL,
  account_id {{INT}} NOT NULL REFERENCES account (id),
  reason {{TEXT}},
  at {{INT}} NOT NULL
);
CREATE UNIQUE INDEX guard_note_entry ON guard_note (shop_id, conversation_id, entry_seq, rule);
CREATE INDEX guard_note_recent ON guard_note (shop_id, id);

-- Whose a phone is: the guard looks up numbers that agents write.
CREATE INDEX shop_order_phone ON shop_order (shop_id, phone) WHERE phone IS NOT NULL;
