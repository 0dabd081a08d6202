-- Which message was made from which phrase, and whether it was changed before it left. A phrase that goes leaves its
-- rows: figures are of what was said. In phrase and phrase_folder owner_id below 0 is the library of the skill group of
-- that number without its sign.

CREATE TABLE phrase_said (
  id {{ID}},
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  phrase_id {{INT}} NOT NULL,
  account_id {{INT}} NOT NULL,
  conversation_id {{INT}} NOT NULL REFERENCES conversation (id),
  entry_seq {{INT}} NOT NULL,
  is_edited {{INT}} NOT NULL,
  at {{INT}} NOT NULL
);
CREATE UNIQUE INDEX phrase_said_entry ON phrase_said (shop_id, conversation_id, entry_seq);
CREATE INDEX phrase_said_at ON phrase_said (shop_id, at);
