-- When an order last became another one here, for programs that ask what is new.
ALTER TABLE shop_order ADD COLUMN changed_at {{INT}} NOT NULL DEFAULT 0;
CREATE INDEX shop_order_changed ON shop_order (shop_id, changed_at, id);

-- The order that a refund says it gives back, where its source names one.
ALTER TABLE order_refund ADD COLUMN said_order {{TEXT}};
