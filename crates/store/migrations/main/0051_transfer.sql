-- A session is to change hands: with its giver until the receiver, or one of the group, has accepted. note_seq: the note
-- in the staff lane. outcome: accepted, declined, expired, withdrawn, moot.
CREATE TABLE transfer (
  id {{ID}},
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  conversation_id {{INT}} NOT NULL REFERENCES conversation (id),
  session_id {{INT}} NOT NULL REFERENCES session (id),
  from_id {{INT}} NOT NULL REFERENCES account (id),
  to_id {{INT}} REFERENCES account (id),
  group_id {{INT}} REFERENCES skill_group (id),
  note_seq {{INT}},
  offered_at {{INT}} NOT NULL,
  valid_until {{INT}} NOT NULL,
  settled_at {{INT}},
  settled_by {{INT}} REFERENCES account (id),
  outcome {{TEXT}}
);
CREATE UNIQUE INDEX transfer_open ON transfer (shop_id, conversation_id) WHERE settled_at IS NULL;
CREATE INDEX transfer_due ON transfer (valid_until) WHERE settled_at IS NULL;

-- A colleague who reads along and writes in the staff lane; with may_speak also to the buyer. Holds for one session.
CREATE TABLE invitation (
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  session_id {{INT}} NOT NULL REFERENCES session (id),
  account_id {{INT}} NOT NULL REFERENCES account (id),
  conversation_id {{INT}} NOT NULL REFERENCES conversation (id),
  invited_by {{INT}} NOT NULL REFERENCES account (id),
  may_speak {{INT}} NOT NULL,
  invited_at {{INT}} NOT NULL,
  left_at {{INT}},
  PRIMARY KEY (shop_id, session_id, account_id)
);
CREATE INDEX invitation_of ON invitation (shop_id, account_id, session_id) WHERE left_at IS NULL;
