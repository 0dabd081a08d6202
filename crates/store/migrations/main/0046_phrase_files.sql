-- Pictures and files that go with a phrase, in their order. hash, thumb_hash: as in attachment, whose bytes they share.

CREATE TABLE phrase_file (
  id {{ID}},
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  phrase_id {{INT}} NOT NULL,
  public_id {{BLOB}} NOT NULL,
  name {{TEXT}} NOT NULL,
  mime {{TEXT}} NOT NULL,
  bytes {{INT}} NOT NULL,
  hash {{BLOB}} NOT NULL,
  width {{INT}},
  height {{INT}},
  thumb_mime {{TEXT}},
  thumb_bytes {{INT}},
  thumb_hash {{BLOB}},
  created_at {{INT}} NOT NULL
);
CREATE UNIQUE INDEX phrase_file_public ON phrase_file (shop_id, public_id);
CREATE INDEX phrase_file_phrase ON phrase_file (shop_id, phrase_id, id);
CREATE INDEX phrase_file_hash ON phrase_file (shop_id, hash);
CREATE INDEX phrase_file_thumb ON phrase_file (shop_id, thumb_hash) WHERE thumb_hash IS NOT NULL;
