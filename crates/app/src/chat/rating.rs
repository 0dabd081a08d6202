//! A buyer rates a session that is over. Staff find it in the staff lane: stars and reasons as a line, the buyer's own
//! words beside it.

use xiaoer_domain::chat::{ClientId, Lane, Rating};
use xiaoer_domain::coded::Coded;
use xiaoer_domain::id::{ConversationId, SessionId, ShopId};
use xiaoer_protocol::ErrorCode;
use xiaoer_protocol::chat as wire;
use xiaoer_protocol::id;
use xiaoer_store::chat::load;
use xiaoer_store::chat::rating::{self as store, StoredRating};
use xiaoer_store::chat::save::Made;

use super::{BuyerCaller, moves, publish};
use crate::platform::Shop;
use crate::{App, AppError, salts};

/// Code of the line in the staff lane (docs/PROTOCOL.md, section 8).
const CODE: &str = "rated";

impl App {
    /// Stores what a buyer thinks of a session, or changes it while it is young.
    ///
    /// # Errors
    /// `bad_request`, `not_found`, `forbidden` where the shop does not ask, `too_late`.
    pub async fn rate(
        &self,
        shop: &Shop,
        buyer: BuyerCaller,
        session: SessionId,
        body: &wire::RatingBody,
    ) -> Result<wire::Rating, AppError> {
        let (now, seed) = (self.clock.now(), self.chance.bytes::<32>());
        if !shop.offers_rating(now) {
            return Err(AppError::refused(ErrorCode::NotFound));
        }
        let rating = Rating::parse(body.stars, &body.reasons, body.text.as_deref())
            .map_err(AppError::bad_field)?;
        let (id, conversation) = (shop.id, buyer.conversation);
        let young = now.minus(shop.rating_changes_within(now));
        let (stored, made) = self
            .db
            .write(move |tx| {
                let rating = rating.clone();
                Box::pin(async move {
                    let mut salts = salts(seed);
                    let end = store::session_end(tx, id, conversation, session).await?;
                    match end {
                        None => return Err(AppError::refused(ErrorCode::NotFound)),
                        Some(None) => return Err(AppError::bad_field("session")),
                        Some(Some(_)) => {}
                    }
                    let before = store::find(tx, id, session).await?;
                    if let Some(before) = before.filter(|before| before.rating == rating) {
                        return Ok((before, Made::default()));
                    }
                    if !store::put(tx, id, conversation, session, &rating, now, young).await? {
                        return Err(AppError::refused(ErrorCode::TooLate));
                    }
                    let talk = load::talk(tx, id, conversation).await?;
                    let mut talk = talk.ok_or_else(|| AppError::refused(ErrorCode::NotFound))?;
                    let line = ClientId::of_house(CODE, now.micros());
                    let entry = talk.tell(Lane::Staff, notice(&rating), line, now, &mut salts);
                    let mut made = Made { talks: vec![talk], entries: vec![(conversation, entry)] };
                    moves::store(tx, id, &mut made).await?;
                    let stored = store::find(tx, id, session).await?;
                    let stored = stored.ok_or_else(|| AppError::refused(ErrorCode::Internal))?;
                    Ok((stored, made))
                })
            })
            .await?;
        publish::made(&mut self.bus.round(), id, &made, &self.links, |_| None);
        Ok(shown(stored, shop, now))
    }

    /// The buyer's own rating of a session.
    ///
    /// # Errors
    /// `not_found` for a session of another conversation.
    pub async fn rating_of(
        &self,
        shop: &Shop,
        buyer: BuyerCaller,
        session: SessionId,
    ) -> Result<wire::MaybeRating, AppError> {
        let (id, conversation, now) = (shop.id, buyer.conversation, self.clock.now());
        let found = self
            .db
            .read(move |tx| {
                Box::pin(async move {
                    let end = store::session_end(tx, id, conversation, session).await?;
                    end.ok_or_else(|| AppError::refused(ErrorCode::NotFound))?;
                    Ok::<_, AppError>(store::find(tx, id, session).await?)
                })
            })
            .await?;
        Ok(wire::MaybeRating { rating: found.map(|stored| shown(stored, shop, now)) })
    }

    /// What a buyer thought of the sessions of a conversation, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn ratings(
        &self,
        shop: &Shop,
        conversation: ConversationId,
    ) -> Result<wire::Ratings, AppError> {
        let (id, now): (ShopId, _) = (shop.id, self.clock.now());
        let read = self.db.read(move |tx| {
            Box::pin(async move { store::of_conversation(tx, id, conversation).await })
        });
        let ratings = read.await?;
        Ok(wire::Ratings {
            ratings: ratings.into_iter().map(|stored| shown(stored, shop, now)).collect(),
        })
    }
}

fn notice(rating: &Rating) -> Coded {
    let params = vec![("stars", rating.stars.to_string()), ("reasons", rating.reason_words())];
    Coded { code: CODE, params }
}

fn shown(stored: StoredRating, shop: &Shop, now: xiaoer_domain::time::Timestamp) -> wire::Rating {
    let StoredRating { session, rating, created_at, changed_at } = stored;
    wire::Rating {
        session: id::session(session),
        stars: rating.stars,
        reasons: rating.reasons.iter().map(|reason| reason.word().to_owned()).collect(),
        text: rating.text,
        at: created_at.micros(),
        changed_at: changed_at.micros(),
        changeable_until: created_at.plus(shop.rating_changes_within(now)).micros(),
    }
}
