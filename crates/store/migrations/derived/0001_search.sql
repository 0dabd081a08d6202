-- Which texts have which words, and how far each projection has come. All of this is rebuilt from the main store.

-- rebuilt_from: entries below this id are still to be read; 0 when everything was read.
CREATE TABLE projection (
  name {{TEXT}} NOT NULL PRIMARY KEY,
  version {{INT}} NOT NULL,
  xid {{INT}} NOT NULL,
  id {{INT}} NOT NULL,
  rebuilt_from {{INT}} NOT NULL,
  updated_at {{INT}} NOT NULL
);

-- The words come ready-made, with spaces between: 'ascii' splits only there, keeps every other writing whole and, unlike
-- 'unicode61', does not lose characters newer than its tables. No text and no positions are kept: what is found is compared
-- with the entry itself. rowid = entry.id; the shop is a word of each row.
-- sqlite:begin
CREATE VIRTUAL TABLE entry_words USING fts5 (
  words, content = '', contentless_delete = 1, detail = 'none', tokenize = 'ascii'
);
-- sqlite:end

-- The key serves frequent words (the newest rows are walked), the inverted index the others. Its list of pending changes is
-- short, because every search reads it whole.
-- postgres:begin
CREATE TABLE entry_words (
  shop_id {{INT}} NOT NULL,
  entry_id {{INT}} NOT NULL,
  words TSVECTOR NOT NULL,
  PRIMARY KEY (shop_id, entry_id)
);
CREATE INDEX entry_words_inverted ON entry_words USING gin (words) WITH (gin_pending_list_limit = 512);
-- postgres:end
