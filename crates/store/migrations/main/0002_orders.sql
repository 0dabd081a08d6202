-- Products, orders and refunds as they came in, and what an import refused. Money is minor units; amount is authoritative.
-- source is the format or program that numbered the order: two sources may use the same number.

CREATE TABLE product (
  id {{ID}},
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  sku {{TEXT}} NOT NULL,
  title {{TEXT}} NOT NULL,
  created_at {{INT}} NOT NULL
);
CREATE UNIQUE INDEX product_sku ON product (shop_id, sku);

-- refunded: what linked refunds gave back, never negative. item_count lets a page end before it grows too long.
CREATE TABLE shop_order (
  id {{ID}},
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  public_id {{BLOB}} NOT NULL,
  source {{TEXT}} NOT NULL,
  number {{TEXT}} NOT NULL,
  buyer_id {{INT}} REFERENCES buyer (id),
  state {{TEXT}} NOT NULL,
  placed_at {{INT}} NOT NULL,
  currency {{TEXT}} NOT NULL,
  total {{INT}} NOT NULL,
  refunded {{INT}} NOT NULL,
  country {{TEXT}},
  item_count {{INT}} NOT NULL,
  content_hash {{BLOB}} NOT NULL
);
CREATE UNIQUE INDEX shop_order_public ON shop_order (shop_id, public_id);
CREATE UNIQUE INDEX shop_order_number ON shop_order (shop_id, number, source);
CREATE INDEX shop_order_buyer ON shop_order (shop_id, buyer_id, placed_at, id) WHERE buyer_id IS NOT NULL;

-- unit_price keeps the digits of its source. One tree on SQLite, so that the lines of an order lie together.
CREATE TABLE order_item (
  shop_id {{INT}} NOT NULL,
  order_id {{INT}} NOT NULL REFERENCES shop_order (id),
  line {{INT}} NOT NULL,
  sku {{TEXT}} NOT NULL,
  title {{TEXT}} NOT NULL,
  quantity {{INT}} NOT NULL,
  unit_price {{TEXT}} NOT NULL,
  amount {{INT}} NOT NULL,
  refunded_quantity {{INT}} NOT NULL,
  PRIMARY KEY (shop_id, order_id, line)
-- sqlite:begin
) WITHOUT ROWID;
-- sqlite:end
-- postgres:begin
);
-- postgres:end

-- A refund without order_id is kept unlinked: it is counted, and linked if its order comes in later.
CREATE TABLE order_refund (
  id {{ID}},
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  source {{TEXT}} NOT NULL,
  number {{TEXT}} NOT NULL,
  line {{INT}} NOT NULL,
  order_id {{INT}} REFERENCES shop_order (id),
  order_line {{INT}},
  buyer_id {{INT}} REFERENCES buyer (id),
  sku {{TEXT}} NOT NULL,
  quantity {{INT}} NOT NULL,
  amount {{INT}} NOT NULL,
  currency {{TEXT}} NOT NULL,
  at {{INT}} NOT NULL,
  content_hash {{BLOB}} NOT NULL
);
CREATE UNIQUE INDEX order_refund_line ON order_refund (shop_id, number, source, line);
CREATE INDEX order_refund_order ON order_refund (shop_id, order_id) WHERE order_id IS NOT NULL;
CREATE INDEX order_refund_buyer ON order_refund (shop_id, buyer_id, sku) WHERE buyer_id IS NOT NULL;

-- One row for each file; lines_done is where an import that was cut off goes on, counts what it has done until there.
CREATE TABLE import_run (
  id {{ID}},
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  format {{TEXT}} NOT NULL,
  file_name {{TEXT}} NOT NULL,
  file_digest {{BLOB}} NOT NULL,
  started_at {{INT}} NOT NULL,
  lines_done {{INT}} NOT NULL,
  finished_at {{INT}},
  counts {{TEXT}} NOT NULL
);
CREATE UNIQUE INDEX import_run_file ON import_run (shop_id, format, file_digest);

CREATE TABLE import_refusal (
  shop_id {{INT}} NOT NULL,
  run_id {{INT}} NOT NULL REFERENCES import_run (id),
  line {{INT}} NOT NULL,
  code {{TEXT}} NOT NULL,
  detail {{TEXT}} NOT NULL,
  PRIMARY KEY (shop_id, run_id, line)
);
