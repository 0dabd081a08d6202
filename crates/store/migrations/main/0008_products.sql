-- What the shop sells: price, picture, page, stock and shelf beside the title, and the terms it is looked up by (words of
-- the title, stock code, pinyin). terms_version 0: its terms are not made yet; the next look-up makes them.
ALTER TABLE product ADD COLUMN price {{INT}};
ALTER TABLE product ADD COLUMN currency {{TEXT}};
ALTER TABLE product ADD COLUMN image {{TEXT}};
ALTER TABLE product ADD COLUMN link {{TEXT}};
ALTER TABLE product ADD COLUMN stock {{INT}};
ALTER TABLE product ADD COLUMN category {{TEXT}};
ALTER TABLE product ADD COLUMN terms_version {{INT}} NOT NULL DEFAULT 0;
CREATE INDEX product_newest ON product (shop_id, id);
CREATE INDEX product_termless ON product (shop_id, id) WHERE terms_version = 0;

-- Looked up by their beginning, in the order of bytes on both databases.
CREATE TABLE product_term (
  shop_id {{INT}} NOT NULL,
-- sqlite:begin
  term {{TEXT}} NOT NULL,
-- sqlite:end
-- postgres:begin
  term {{TEXT}} COLLATE "C" NOT NULL,
-- postgres:end
  product_id {{INT}} NOT NULL REFERENCES product (id),
  PRIMARY KEY (shop_id, term, product_id)
-- sqlite:begin
) WITHOUT ROWID;
-- sqlite:end
-- postgres:begin
);
-- postgres:end
CREATE INDEX product_term_product ON product_term (shop_id, product_id);
