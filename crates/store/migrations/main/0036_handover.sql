-- What goes from one shift to the next, and notices that must be read.

CREATE TABLE shift_handover (
  id {{ID}},
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  giver_id {{INT}} NOT NULL REFERENCES account (id),
  receiver_id {{INT}} NOT NULL REFERENCES account (id),
  note {{TEXT}} NOT NULL,
  created_at {{INT}} NOT NULL,
  received_at {{INT}},
  withdrawn_at {{INT}}
);
CREATE INDEX shift_handover_giver ON shift_handover (shop_id, giver_id, id);
CREATE INDEX shift_handover_receiver ON shift_handover (shop_id, receiver_id, id);

-- moved_at: the buyer or message has gone to the receiver. settled_at: an incident or promise is done with.
CREATE TABLE shift_handover_item (
  id {{ID}},
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  handover_id {{INT}} NOT NULL REFERENCES shift_handover (id),
  kind {{TEXT}} NOT NULL,
  conversation_id {{INT}} REFERENCES conversation (id),
  follow_up_id {{INT}} REFERENCES follow_up (id),
  text {{TEXT}} NOT NULL,
  moved_at {{INT}},
  settled_at {{INT}},
  settled_by {{INT}} REFERENCES account (id)
);
CREATE INDEX shift_handover_item_of ON shift_handover_item (shop_id, handover_id, id);

-- A notice that is pinned until a moment. It is for everybody who serves.
CREATE TABLE staff_notice (
  id {{ID}},
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  title {{TEXT}} NOT NULL,
  text {{TEXT}} NOT NULL,
  made_by {{INT}} NOT NULL REFERENCES account (id),
  created_at {{INT}} NOT NULL,
  until {{INT}} NOT NULL,
  ended_at {{INT}}
);
CREATE INDEX staff_notice_until ON staff_notice (shop_id, until, id);

CREATE TABLE staff_notice_read (
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  notice_id {{INT}} NOT NULL REFERENCES staff_notice (id),
  account_id {{INT}} NOT NULL REFERENCES account (id),
  read_at {{INT}} NOT NULL,
  PRIMARY KEY (shop_id, notice_id, account_id)
);
