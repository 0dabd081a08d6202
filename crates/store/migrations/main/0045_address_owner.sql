-- Whose an address is: the guard looks up addresses that agents write by their last twelve characters without blanks.

-- sqlite:begin
CREATE INDEX shop_order_address ON shop_order (shop_id, substr(replace(address, ' ', ''), -12)) WHERE address IS NOT NULL;
-- sqlite:end
-- postgres:begin
CREATE INDEX shop_order_address ON shop_order (shop_id, right(replace(address, ' ', ''), 12)) WHERE address IS NOT NULL;
-- postgres:end
