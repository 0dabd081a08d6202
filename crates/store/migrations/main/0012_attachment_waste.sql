-- Bytes of attachments that went. They lie in the data folder until nobody needs them, counted as long as they do:
-- what is noted here in the transaction that took the attachment away is removed later, also after a crash.

CREATE TABLE attachment_waste (
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  hash {{BLOB}} NOT NULL,
  bytes {{INT}} NOT NULL,
  PRIMARY KEY (shop_id, hash)
-- sqlite:begin
) WITHOUT ROWID;
-- sqlite:end
-- postgres:begin
);
-- postgres:end
