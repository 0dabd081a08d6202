-- Routing: skill groups, weights, a queue with priorities, and why every decision fell as it did.

-- stage: the stage of purchase whose buyers the group serves; several groups may have none and are reached by hand.
CREATE TABLE skill_group (
  id {{ID}},
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  name {{TEXT}} NOT NULL,
  stage {{TEXT}},
  strategy {{TEXT}} NOT NULL,
  last_agent_first {{INT}} NOT NULL,
  created_at {{INT}} NOT NULL,
  removed_at {{INT}}
);
CREATE UNIQUE INDEX skill_group_name ON skill_group (shop_id, name) WHERE removed_at IS NULL;

CREATE TABLE skill_member (
  shop_id {{INT}} NOT NULL,
  group_id {{INT}} NOT NULL REFERENCES skill_group (id),
  account_id {{INT}} NOT NULL REFERENCES account (id),
  PRIMARY KEY (shop_id, group_id, account_id)
);

-- weight in hundredths. paused_at: a supervisor keeps new buyers away. accepted_at: the turn of the last acceptance.
ALTER TABLE membership ADD COLUMN weight {{INT}} NOT NULL DEFAULT 100;
ALTER TABLE membership ADD COLUMN paused_at {{INT}};
ALTER TABLE membership ADD COLUMN accepted_at {{INT}};

-- How a buyer is received: before others, or by an agent of the own.
CREATE TABLE buyer_route (
  shop_id {{INT}} NOT NULL,
  buyer_id {{INT}} NOT NULL REFERENCES buyer (id),
  priority {{INT}} NOT NULL,
  agent_id {{INT}} REFERENCES account (id),
  updated_at {{INT}} NOT NULL,
  PRIMARY KEY (shop_id, buyer_id)
);

-- queued_since holds while nobody has the session. checking_until: the agent looks into it (查证中). told_step: the greatest
-- threshold of the present wait that was told to leaders.
ALTER TABLE session ADD COLUMN group_id {{INT}} REFERENCES skill_group (id);
ALTER TABLE session ADD COLUMN priority {{INT}} NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN queued_since {{INT}};
ALTER TABLE session ADD COLUMN checking_until {{INT}};
ALTER TABLE session ADD COLUMN told_at {{INT}};
ALTER TABLE session ADD COLUMN abandoned_at {{INT}};
UPDATE session
SET queued_since = opened_at
WHERE closed_at IS NULL AND agent_id IS NULL;
CREATE INDEX session_queue ON session (shop_id, priority DESC, queued_since, id) WHERE closed_at IS NULL AND agent_id IS NULL;
CREATE INDEX session_opened ON session (shop_id, opened_at);
-- How long seats were held lately, newest first.
CREATE INDEX session_ended ON session (shop_id, closed_at) WHERE closed_at IS NOT NULL;

-- One for each placement, and one for each time a session began to queue. candidates: JSON, see docs/definitions/routing.md.
CREATE TABLE routing_decision (
  id {{ID}},
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  conversation_id {{INT}} NOT NULL REFERENCES conversation (id),
  session_id {{INT}} NOT NULL REFERENCES session (id),
  at {{INT}} NOT NULL,
  agent_id {{INT}} REFERENCES account (id),
  group_id {{INT}} REFERENCES skill_group (id),
  code {{TEXT}} NOT NULL,
  params {{TEXT}} NOT NULL,
  candidates {{TEXT}} NOT NULL
);
CREATE INDEX routing_decision_session ON routing_decision (shop_id, session_id, id);
