-- Buyers who are kept out for a time: proposed by an agent, decided by a leader. ends_at stays empty when it was refused.
CREATE TABLE buyer_block (
  id {{ID}},
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  buyer_id {{INT}} NOT NULL REFERENCES buyer (id),
  conversation_id {{INT}} NOT NULL REFERENCES conversation (id),
  reason {{TEXT}} NOT NULL,
  note {{TEXT}} NOT NULL,
  days {{INT}} NOT NULL,
  proposed_by {{INT}} NOT NULL REFERENCES account (id),
  proposed_at {{INT}} NOT NULL,
  decided_by {{INT}} REFERENCES account (id),
  decided_at {{INT}},
  ends_at {{INT}},
  lifted_by {{INT}} REFERENCES account (id),
  lifted_at {{INT}}
);
-- One proposal at a time for a buyer.
CREATE UNIQUE INDEX buyer_block_proposed ON buyer_block (shop_id, buyer_id) WHERE decided_at IS NULL;
CREATE INDEX buyer_block_holds ON buyer_block (shop_id, buyer_id, ends_at) WHERE ends_at IS NOT NULL AND lifted_at IS NULL;
CREATE INDEX buyer_block_buyer ON buyer_block (shop_id, buyer_id, id);
CREATE INDEX buyer_block_shop ON buyer_block (shop_id, id);
