-- The spine: shops and people, conversations with their evidence chain, sessions, the journal and its followers.
-- Times are microseconds UTC. Codes (side, lane, kind …) are the numbers that the domain's enums define.

CREATE TABLE shop (
  id {{ID}},
  key {{TEXT}} NOT NULL UNIQUE,
  name {{TEXT}} NOT NULL,
  identity_key {{BLOB}} NOT NULL,
  created_at {{INT}} NOT NULL
);

-- Every setting is dated: the row with the greatest valid_from not after a moment holds at that moment.
CREATE TABLE setting (
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  name {{TEXT}} NOT NULL,
  valid_from {{INT}} NOT NULL,
  value {{TEXT}} NOT NULL,
  PRIMARY KEY (shop_id, name, valid_from)
);

CREATE TABLE account (
  id {{ID}},
  login {{TEXT}} NOT NULL UNIQUE,
  name {{TEXT}} NOT NULL,
  lang {{TEXT}} NOT NULL,
  password_hash {{TEXT}} NOT NULL,
  created_at {{INT}} NOT NULL,
  disabled_at {{INT}}
);

CREATE TABLE membership (
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  account_id {{INT}} NOT NULL REFERENCES account (id),
  cap {{INT}} NOT NULL,
  wanted_state {{TEXT}} NOT NULL,
  created_at {{INT}} NOT NULL,
  PRIMARY KEY (shop_id, account_id)
);

CREATE TABLE membership_role (
  shop_id {{INT}} NOT NULL,
  account_id {{INT}} NOT NULL,
  role {{TEXT}} NOT NULL,
  PRIMARY KEY (shop_id, account_id, role),
  FOREIGN KEY (shop_id, account_id) REFERENCES membership (shop_id, account_id)
);

CREATE TABLE sign_in (
  id {{ID}},
  account_id {{INT}} NOT NULL REFERENCES account (id),
  token_hash {{BLOB}} NOT NULL UNIQUE,
  created_at {{INT}} NOT NULL,
  expires_at {{INT}} NOT NULL,
  revoked_at {{INT}}
);

-- Durable intervals of an agent's state. An open one lives as long as its lease; the sweeper ends it there after a crash.
CREATE TABLE agent_state (
  id {{ID}},
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  account_id {{INT}} NOT NULL REFERENCES account (id),
  state {{TEXT}} NOT NULL,
  started_at {{INT}} NOT NULL,
  lease_until {{INT}} NOT NULL,
  ended_at {{INT}}
);
CREATE UNIQUE INDEX agent_state_open ON agent_state (shop_id, account_id) WHERE ended_at IS NULL;

-- ref is the customer's number in the shop; it alone identifies. person_id joins buyers found to be one person.
CREATE TABLE buyer (
  id {{ID}},
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  public_id {{BLOB}} NOT NULL,
  ref {{TEXT}},
  name {{TEXT}} NOT NULL,
  person_id {{INT}},
  created_at {{INT}} NOT NULL
);
CREATE UNIQUE INDEX buyer_public ON buyer (shop_id, public_id);
CREATE UNIQUE INDEX buyer_ref ON buyer (shop_id, ref) WHERE ref IS NOT NULL;
CREATE INDEX buyer_person ON buyer (shop_id, person_id) WHERE person_id IS NOT NULL;

CREATE TABLE visitor (
  id {{ID}},
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  buyer_id {{INT}} NOT NULL REFERENCES buyer (id),
  token_hash {{BLOB}} NOT NULL,
  subject {{TEXT}},
  created_at {{INT}} NOT NULL,
  ended_at {{INT}}
);
CREATE UNIQUE INDEX visitor_token ON visitor (shop_id, token_hash);

-- One row per conversation holds the head of each lane, the read marks and the latest session.
CREATE TABLE conversation (
  id {{ID}},
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  public_id {{BLOB}} NOT NULL,
  buyer_id {{INT}} NOT NULL REFERENCES buyer (id),
  created_at {{INT}} NOT NULL,
  last_seq {{INT}} NOT NULL,
  last_at {{INT}} NOT NULL,
  chain {{BLOB}} NOT NULL,
  staff_seq {{INT}} NOT NULL,
  staff_at {{INT}} NOT NULL,
  staff_chain {{BLOB}} NOT NULL,
  buyer_last_seq {{INT}} NOT NULL,
  buyer_read_seq {{INT}} NOT NULL,
  staff_read_seq {{INT}} NOT NULL,
  unread {{INT}} NOT NULL,
  session_id {{INT}}
);
CREATE UNIQUE INDEX conversation_public ON conversation (shop_id, public_id);
CREATE UNIQUE INDEX conversation_buyer ON conversation (shop_id, buyer_id);
CREATE INDEX conversation_recent ON conversation (shop_id, last_at, id);

-- waiting_since: the buyer's first unanswered line. quiet_since: our last reply, while nothing waits.
CREATE TABLE session (
  id {{ID}},
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  conversation_id {{INT}} NOT NULL REFERENCES conversation (id),
  agent_id {{INT}} REFERENCES account (id),
  opened_at {{INT}} NOT NULL,
  accepted_at {{INT}},
  waiting_since {{INT}},
  step {{INT}} NOT NULL,
  quiet_since {{INT}},
  seat_freed_at {{INT}},
  closed_at {{INT}},
  close_reason {{TEXT}},
  why_code {{TEXT}},
  why_params {{TEXT}}
);
CREATE UNIQUE INDEX session_open ON session (shop_id, conversation_id) WHERE closed_at IS NULL;
CREATE INDEX session_agent ON session (shop_id, agent_id) WHERE closed_at IS NULL;
CREATE INDEX session_quiet ON session (quiet_since) WHERE closed_at IS NULL AND quiet_since IS NOT NULL;
CREATE INDEX session_by_conversation ON session (shop_id, conversation_id, id);

-- The log. author_id: the buyer's or account's row id, 0 for system and robot. chain = H(previous chain, digest, header).
CREATE TABLE entry (
  id {{ID}},
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  conversation_id {{INT}} NOT NULL REFERENCES conversation (id),
  lane {{INT}} NOT NULL,
  seq {{INT}} NOT NULL,
  at {{INT}} NOT NULL,
  kind {{INT}} NOT NULL,
  message {{INT}},
  side {{INT}} NOT NULL,
  author_id {{INT}} NOT NULL,
  session_id {{INT}},
  client_id {{TEXT}},
  text {{TEXT}},
  code {{TEXT}},
  params {{TEXT}},
  ref_seq {{INT}},
  recalled_by {{INT}},
  salt {{BLOB}} NOT NULL,
  digest {{BLOB}} NOT NULL,
  chain {{BLOB}} NOT NULL
);
CREATE UNIQUE INDEX entry_seq ON entry (shop_id, conversation_id, lane, seq);
-- client_id leads: ids that grow with time are appended at one end of the index.
CREATE UNIQUE INDEX entry_client ON entry (client_id, conversation_id, side, author_id, shop_id) WHERE client_id IS NOT NULL;

CREATE TABLE journal (
  id {{ID}},
  xid {{INT}} NOT NULL,
  shop_id {{INT}} NOT NULL,
  at {{INT}} NOT NULL,
  kind {{TEXT}} NOT NULL,
  version {{INT}} NOT NULL,
  facts {{TEXT}} NOT NULL
);
-- postgres:begin
CREATE INDEX journal_order ON journal (xid, id);
-- postgres:end

CREATE TABLE follower (
  name {{TEXT}} NOT NULL PRIMARY KEY,
  xid {{INT}} NOT NULL,
  id {{INT}} NOT NULL,
  updated_at {{INT}} NOT NULL
);
