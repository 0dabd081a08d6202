-- Phrases of the shop and of each agent, how often each agent uses them, what agents have begun to write, and remarks on buyers.
-- owner_id 0 is the shop's library; folder and parent 0 are the top of a library.

CREATE TABLE phrase_folder (
  id {{ID}},
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  owner_id {{INT}} NOT NULL,
  parent_id {{INT}} NOT NULL,
  name {{TEXT}} NOT NULL,
  created_at {{INT}} NOT NULL
);
CREATE UNIQUE INDEX phrase_folder_name ON phrase_folder (shop_id, owner_id, parent_id, name);

-- pinyin: the readings of the title, made when it is written.
CREATE TABLE phrase (
  id {{ID}},
  shop_id {{INT}} NOT NULL REFERENCES shop (id),
  owner_id {{INT}} NOT NULL,
  folder_id {{INT}} NOT NULL,
  code {{TEXT}} NOT NULL,
  title {{TEXT}} NOT NULL,
  text {{TEXT}} NOT NULL,
  pinyin {{TEXT}} NOT NULL,
  updated_at {{INT}} NOT NULL
);
CREATE INDEX phrase_library ON phrase (shop_id, owner_id, folder_id);
CREATE UNIQUE INDEX phrase_code ON phrase (shop_id, owner_id, code) WHERE code <> '';

CREATE TABLE phrase_use (
  shop_id {{INT}} NOT NULL,
  account_id {{INT}} NOT NULL,
  phrase_id {{INT}} NOT NULL,
  uses {{INT}} NOT NULL,
  last_at {{INT}} NOT NULL,
  PRIMARY KEY (shop_id, account_id, phrase_id)
);
CREATE INDEX phrase_use_phrase ON phrase_use (shop_id, phrase_id);

-- What an agent has begun to write in a lane of a conversation.
CREATE TABLE draft (
  shop_id {{INT}} NOT NULL,
  account_id {{INT}} NOT NULL,
  conversation_id {{INT}} NOT NULL REFERENCES conversation (id),
  lane {{INT}} NOT NULL,
  text {{TEXT}} NOT NULL,
  updated_at {{INT}} NOT NULL,
  PRIMARY KEY (shop_id, account_id, conversation_id, lane)
);

-- What the shop has noted of a buyer.
CREATE TABLE buyer_remark (
  shop_id {{INT}} NOT NULL,
  buyer_id {{INT}} NOT NULL REFERENCES buyer (id),
  text {{TEXT}} NOT NULL,
  account_id {{INT}} NOT NULL,
  updated_at {{INT}} NOT NULL,
  PRIMARY KEY (shop_id, buyer_id)
);
