-- What exports say of an order beside its lines: how far it has come, how it travels, who receives it. The last nine
-- columns belong to people. stated is the state as its source says it; state is that with linked refunds.

ALTER TABLE shop_order ADD COLUMN stated {{TEXT}} NOT NULL DEFAULT 'completed';
ALTER TABLE shop_order ADD COLUMN paid_at {{INT}};
ALTER TABLE shop_order ADD COLUMN shipped_at {{INT}};
ALTER TABLE shop_order ADD COLUMN finished_at {{INT}};
ALTER TABLE shop_order ADD COLUMN said_at {{INT}};
ALTER TABLE shop_order ADD COLUMN postage {{INT}};
ALTER TABLE shop_order ADD COLUMN courier {{TEXT}};
ALTER TABLE shop_order ADD COLUMN waybill {{TEXT}};
ALTER TABLE shop_order ADD COLUMN close_reason {{TEXT}};
ALTER TABLE shop_order ADD COLUMN flag {{TEXT}};
ALTER TABLE shop_order ADD COLUMN claimed_by {{INT}} REFERENCES account (id);
ALTER TABLE shop_order ADD COLUMN nick {{TEXT}};
ALTER TABLE shop_order ADD COLUMN recipient {{TEXT}};
ALTER TABLE shop_order ADD COLUMN phone {{TEXT}};
ALTER TABLE shop_order ADD COLUMN address {{TEXT}};
ALTER TABLE shop_order ADD COLUMN buyer_note {{TEXT}};
ALTER TABLE shop_order ADD COLUMN seller_memo {{TEXT}};

-- A refused line as it stood in its file, and the heading above it: what a person mends and brings in again.
ALTER TABLE import_refusal ADD COLUMN original {{TEXT}};
ALTER TABLE import_run ADD COLUMN heading {{TEXT}} NOT NULL DEFAULT '';

-- A file that somebody brought to the server, from its arrival to its end. file names it in the data folder while it
-- is needed. At most one of a shop runs.
CREATE TABLE import_job (
  id {{ID}},
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  account_id {{INT}} NOT NULL REFERENCES account (id),
  file {{TEXT}} NOT NULL,
  file_name {{TEXT}} NOT NULL,
  bytes {{INT}} NOT NULL,
  state {{TEXT}} NOT NULL,
  options {{TEXT}} NOT NULL,
  failure {{TEXT}},
  run_id {{INT}} REFERENCES import_run (id),
  lines_done {{INT}} NOT NULL,
  lines_total {{INT}} NOT NULL,
  created_at {{INT}} NOT NULL,
  ended_at {{INT}}
);
CREATE UNIQUE INDEX import_job_file ON import_job (shop_id, file);
CREATE UNIQUE INDEX import_job_running ON import_job (shop_id) WHERE state = 'running';

-- What a person once said of the columns of a heading; heading is a digest of their names.
CREATE TABLE import_mapping (
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  heading {{BLOB}} NOT NULL,
  mapping {{TEXT}} NOT NULL,
  updated_at {{INT}} NOT NULL,
  PRIMARY KEY (shop_id, heading)
);

-- A program that may act for a shop. The key itself is shown once; here is what tells it.
CREATE TABLE api_key (
  id {{ID}},
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  name {{TEXT}} NOT NULL,
  hash {{BLOB}} NOT NULL,
  scopes {{TEXT}} NOT NULL,
  created_by {{INT}} REFERENCES account (id),
  created_at {{INT}} NOT NULL,
  used_at {{INT}},
  revoked_at {{INT}}
);
CREATE UNIQUE INDEX api_key_hash ON api_key (hash);
