-- Buyers by the beginning of their name or number. The order is that of bytes on both databases, whatever the language of
-- the PostgreSQL cluster; lower() there and in SQLite then both fold A-Z only.
-- sqlite:begin
CREATE INDEX buyer_by_name ON buyer (shop_id, lower(name));
-- The unique index over (shop_id, ref) serves the number.
-- sqlite:end
-- postgres:begin
CREATE INDEX buyer_by_name ON buyer (shop_id, lower(name COLLATE "C"));
CREATE INDEX buyer_by_ref ON buyer (shop_id, (ref COLLATE "C")) WHERE ref IS NOT NULL;
-- postgres:end
