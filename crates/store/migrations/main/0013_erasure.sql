-- Everything that belongs to one buyer is found by the buyer: an erasure on request walks through no shop.

CREATE INDEX visitor_buyer ON visitor (shop_id, buyer_id);
CREATE INDEX draft_conversation ON draft (shop_id, conversation_id);
