-- What an agent says of oneself to buyers: one short line, the shop's own when it is empty.
ALTER TABLE membership ADD COLUMN signature {{TEXT}} NOT NULL DEFAULT '';
