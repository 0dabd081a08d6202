-- Lists of a shop that its pages show, newest first.
CREATE INDEX import_run_shop ON import_run (shop_id, id);
CREATE INDEX api_key_shop ON api_key (shop_id, id);
