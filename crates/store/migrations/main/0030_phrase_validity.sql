-- When a phrase may be said, the product whose card goes with it, and who wrote it last.

ALTER TABLE phrase ADD COLUMN valid_from {{INT}};
ALTER TABLE phrase ADD COLUMN valid_to {{INT}};
ALTER TABLE phrase ADD COLUMN sku {{TEXT}} NOT NULL DEFAULT '';
ALTER TABLE phrase ADD COLUMN writer_id {{INT}} NOT NULL DEFAULT 0;
