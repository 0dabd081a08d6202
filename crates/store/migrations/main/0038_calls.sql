-- Telephone calls with buyers, who must not be called, and what agents say of themselves to buyers.

-- phone is personal. next_at: when the next try is due; done_at: it was tried again or is settled.
CREATE TABLE phone_call (
  id {{ID}},
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  conversation_id {{INT}} NOT NULL REFERENCES conversation (id),
  phone {{TEXT}} NOT NULL,
  reason {{TEXT}} NOT NULL,
  outcome {{TEXT}} NOT NULL,
  note {{TEXT}} NOT NULL,
  made_by {{INT}} NOT NULL REFERENCES account (id),
  at {{INT}} NOT NULL,
  next_at {{INT}}
);
CREATE INDEX phone_call_conversation ON phone_call (shop_id, conversation_id, id);

CREATE TABLE call_protection (
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  conversation_id {{INT}} NOT NULL REFERENCES conversation (id),
  reason {{TEXT}} NOT NULL,
  made_by {{INT}} NOT NULL REFERENCES account (id),
  at {{INT}} NOT NULL,
  PRIMARY KEY (shop_id, conversation_id)
);
