-- What a buyer may ask of a shop beside being forgotten: to be shown, to be put right, and not to be kept for ever.

-- corrected_at: the recipient was put right at the buyer's wish, so no later file says otherwise. personal_erased_at: what
-- belongs to a person was taken away, so no later file brings it back.
ALTER TABLE shop_order ADD COLUMN corrected_at {{INT}};
ALTER TABLE shop_order ADD COLUMN personal_erased_at {{INT}};
CREATE INDEX shop_order_personal ON shop_order (shop_id, placed_at)
  WHERE COALESCE(nick, recipient, phone, address, buyer_note, seller_memo) IS NOT NULL;

-- Customers who were forgotten, as a keyed digest of their number: enough to know an old order of theirs again, not to
-- tell whose it was.
CREATE TABLE erased_reference (
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  digest {{TEXT}} NOT NULL,
  erased_at {{INT}} NOT NULL,
  PRIMARY KEY (shop_id, digest)
);

-- How many masked values somebody looked at lately.
CREATE INDEX audit_revealed ON audit (shop_id, account_id, at) WHERE kind = 'revealed';
-- What was sent before a day.
CREATE INDEX attachment_sent ON attachment (shop_id, created_at) WHERE seq IS NOT NULL;
