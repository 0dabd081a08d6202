-- What a shop says by itself: for which occasion, its texts, and when each buyer heard it last. occasion: 1 first contact,
-- 2 busy, 3 away, 4 off duty, 5 overload, 6 campaign, 7 long wait, 8 session ended. Only campaigns may be several.

CREATE TABLE auto_reply (
  id {{ID}},
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  occasion {{INT}} NOT NULL,
  name {{TEXT}} NOT NULL,
  is_on {{INT}} NOT NULL,
  valid_from {{INT}},
  valid_to {{INT}},
  again_minutes {{INT}} NOT NULL,
  writer_id {{INT}} NOT NULL,
  updated_at {{INT}} NOT NULL
);
CREATE UNIQUE INDEX auto_reply_occasion ON auto_reply (shop_id, occasion) WHERE occasion <> 6;
CREATE INDEX auto_reply_shop ON auto_reply (shop_id, id);

CREATE TABLE auto_reply_text (
  shop_id {{INT}} NOT NULL,
  reply_id {{INT}} NOT NULL REFERENCES auto_reply (id),
  place {{INT}} NOT NULL,
  text {{TEXT}} NOT NULL,
  PRIMARY KEY (shop_id, reply_id, place)
);

CREATE TABLE auto_said (
  shop_id {{INT}} NOT NULL,
  reply_id {{INT}} NOT NULL,
  conversation_id {{INT}} NOT NULL REFERENCES conversation (id),
  said_at {{INT}} NOT NULL,
  PRIMARY KEY (shop_id, reply_id, conversation_id)
);
