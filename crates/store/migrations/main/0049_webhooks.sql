-- Programs of the shop that are told what happens, and what came of each telling.

-- secret signs; events are words with blanks between.
CREATE TABLE webhook (
  id {{ID}},
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  url {{TEXT}} NOT NULL,
  secret {{TEXT}} NOT NULL,
  events {{TEXT}} NOT NULL,
  is_on {{INT}} NOT NULL,
  created_by {{INT}} REFERENCES account (id),
  created_at {{INT}} NOT NULL,
  removed_at {{INT}}
);
CREATE INDEX webhook_shop ON webhook (shop_id, id);

-- facts are those of the journal's line: ids. What is sent is made of them when it is sent, so nothing personal is kept.
CREATE TABLE webhook_delivery (
  id {{ID}},
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  webhook_id {{INT}} NOT NULL REFERENCES webhook (id),
  journal_id {{INT}} NOT NULL,
  event {{TEXT}} NOT NULL,
  facts {{TEXT}} NOT NULL,
  at {{INT}} NOT NULL,
  state {{TEXT}} NOT NULL,
  tries {{INT}} NOT NULL,
  next_at {{INT}},
  status {{INT}},
  fault {{TEXT}},
  took_ms {{INT}},
  tried_at {{INT}}
);
CREATE UNIQUE INDEX webhook_delivery_once ON webhook_delivery (shop_id, webhook_id, journal_id);
CREATE INDEX webhook_delivery_due ON webhook_delivery (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX webhook_delivery_shop ON webhook_delivery (shop_id, id);
