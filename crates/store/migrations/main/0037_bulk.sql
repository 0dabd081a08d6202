-- Tags on conversations (a conversation is one buyer), and acts on all conversations that a filter finds.

CREATE TABLE tag (
  id {{ID}},
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  name {{TEXT}} NOT NULL,
  created_at {{INT}} NOT NULL
);
CREATE UNIQUE INDEX tag_name ON tag (shop_id, name);

CREATE TABLE conversation_tag (
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  conversation_id {{INT}} NOT NULL REFERENCES conversation (id),
  tag_id {{INT}} NOT NULL REFERENCES tag (id),
  tagged_by {{INT}} NOT NULL REFERENCES account (id),
  tagged_at {{INT}} NOT NULL,
  PRIMARY KEY (shop_id, conversation_id, tag_id)
);

-- document: what is done to which, as JSON. place: where the walk stands. state: running, done, cancelled, failed.
CREATE TABLE bulk_job (
  id {{ID}},
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  account_id {{INT}} NOT NULL REFERENCES account (id),
  client_id {{TEXT}} NOT NULL,
  document {{TEXT}} NOT NULL,
  state {{TEXT}} NOT NULL,
  place {{TEXT}},
  seen {{INT}} NOT NULL,
  done {{INT}} NOT NULL,
  created_at {{INT}} NOT NULL,
  finished_at {{INT}}
);
CREATE UNIQUE INDEX bulk_job_client ON bulk_job (shop_id, account_id, client_id);
CREATE INDEX bulk_job_running ON bulk_job (id) WHERE finished_at IS NULL;
