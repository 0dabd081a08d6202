-- What messages carry beside their text, and the attachments behind it.

-- A JSON object, the bytes that the entry's digest covers; `t` stands first and names the kind. NULL: a plain text.
ALTER TABLE entry ADD COLUMN content {{TEXT}};
-- The last nudge of a conversation; every other entry costs nothing here.
CREATE INDEX entry_nudge ON entry (shop_id, conversation_id, at) WHERE content = '{"t":"nudge"}';

-- hash, thumb_hash: SHA-256 of the bytes as they are kept; rows of a shop may share them. lane, seq: the entry that carries
-- it, once; until then it is unsent and will be swept. One of visitor_id and account_id says who uploaded it.
CREATE TABLE attachment (
  id {{ID}},
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  public_id {{BLOB}} NOT NULL,
  conversation_id {{INT}} NOT NULL REFERENCES conversation (id),
  visitor_id {{INT}},
  account_id {{INT}},
  kind {{INT}} NOT NULL,
  name {{TEXT}} NOT NULL,
  mime {{TEXT}} NOT NULL,
  bytes {{INT}} NOT NULL,
  hash {{BLOB}} NOT NULL,
  width {{INT}},
  height {{INT}},
  thumb_mime {{TEXT}},
  thumb_bytes {{INT}},
  thumb_hash {{BLOB}},
  created_at {{INT}} NOT NULL,
  lane {{INT}},
  seq {{INT}}
);
CREATE UNIQUE INDEX attachment_public ON attachment (shop_id, public_id);
CREATE UNIQUE INDEX attachment_entry ON attachment (shop_id, conversation_id, lane, seq) WHERE seq IS NOT NULL;
CREATE INDEX attachment_unsent ON attachment (shop_id, created_at) WHERE seq IS NULL;
CREATE INDEX attachment_hash ON attachment (shop_id, hash);
CREATE INDEX attachment_thumb ON attachment (shop_id, thumb_hash) WHERE thumb_hash IS NOT NULL;

-- What the attachments of a shop take up, kept with them so that nobody has to add it up.
CREATE TABLE attachment_space (
  shop_id {{INT}} NOT NULL PRIMARY KEY REFERENCES shop (id),
  bytes {{INT}} NOT NULL
);

-- Keys that this installation made for itself and that outlive a restart.
CREATE TABLE installation_secret (
  name {{TEXT}} NOT NULL PRIMARY KEY,
  value {{BLOB}} NOT NULL
);
