-- What a buyer writes while nobody is on duty is somebody's work, also without the form.

CREATE INDEX follow_up_talk ON follow_up (shop_id, conversation_id) WHERE done_at IS NULL;

-- Those who wait already. Until when cannot be reckoned here; two hours are what shops are given to begin with.
INSERT INTO follow_up (shop_id, conversation_id, client_id, entry_seq, wish, created_at, due_at)
SELECT s.shop_id, s.conversation_id, 'house.left.' || CAST(s.id AS TEXT),
  COALESCE((SELECT MAX(x.seq) FROM entry x
    WHERE x.shop_id = s.shop_id AND x.conversation_id = s.conversation_id AND x.lane = 0 AND x.side = 1
      AND x.kind = 1 AND x.seq < n.seq), n.seq),
  'question', s.opened_at, s.opened_at + 7200000000
FROM session s
JOIN entry n ON n.client_id = 'house.leave_message.' || CAST(s.id AS TEXT) AND n.conversation_id = s.conversation_id
  AND n.side = 4 AND n.author_id = 0 AND n.shop_id = s.shop_id
WHERE s.agent_id IS NULL AND s.closed_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM follow_up f
    WHERE f.shop_id = s.shop_id AND f.conversation_id = s.conversation_id AND f.done_at IS NULL);
