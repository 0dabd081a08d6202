-- What remains when nobody talks: messages left while nobody was on duty, and what buyers thought of a session.

-- The text is the entry entry_seq of the buyer lane: recall and erasure reach it there. phone and email are personal.
CREATE TABLE follow_up (
  id {{ID}},
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  conversation_id {{INT}} NOT NULL REFERENCES conversation (id),
  client_id {{TEXT}} NOT NULL,
  entry_seq {{INT}} NOT NULL,
  wish {{TEXT}} NOT NULL,
  order_number {{TEXT}},
  phone {{TEXT}},
  email {{TEXT}},
  owner_id {{INT}} REFERENCES account (id),
  created_at {{INT}} NOT NULL,
  due_at {{INT}} NOT NULL,
  done_at {{INT}},
  done_by {{INT}} REFERENCES account (id)
);
CREATE UNIQUE INDEX follow_up_client ON follow_up (shop_id, conversation_id, client_id);
CREATE INDEX follow_up_due ON follow_up (shop_id, due_at, id) WHERE done_at IS NULL;
CREATE INDEX follow_up_owner ON follow_up (shop_id, owner_id, due_at, id) WHERE done_at IS NULL;
CREATE INDEX follow_up_done ON follow_up (shop_id, done_at, id) WHERE done_at IS NOT NULL;

-- One for each session. reasons are words with blanks between; text is the buyer's own.
CREATE TABLE rating (
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  session_id {{INT}} NOT NULL REFERENCES session (id),
  conversation_id {{INT}} NOT NULL REFERENCES conversation (id),
  stars {{INT}} NOT NULL,
  reasons {{TEXT}} NOT NULL,
  text {{TEXT}},
  created_at {{INT}} NOT NULL,
  changed_at {{INT}} NOT NULL,
  PRIMARY KEY (shop_id, session_id)
);
CREATE INDEX rating_conversation ON rating (shop_id, conversation_id, created_at);
