//! A buyer arrives: with a token, with a signed identity, with both, or with nothing.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use xiaoer_domain::id::{BuyerId, ConversationId, PublicId, ShopId};
use xiaoer_domain::time::Timestamp;
use xiaoer_protocol::ErrorCode;
use xiaoer_protocol::chat as wire;
use xiaoer_store::chat::people::{self, Visitor};
use xiaoer_store::chat::read;
use xiaoer_store::{StoreError, Tx};

use crate::platform::Shop;
use crate::secret::hash_token;
use crate::team::Planned;
use crate::{App, AppError};

/// The state of a buyer's conversation.
#[derive(Debug)]
pub struct Pulse {
    /// Head of the buyer lane.
    pub last_seq: i64,
    /// Who serves, or why nobody does.
    pub reception: wire::Reception,
}

/// A buyer's caller: proven by a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuyerCaller {
    /// In which shop.
    pub shop: ShopId,
    /// The device.
    pub visitor: i64,
    /// Who.
    pub buyer: BuyerId,
    /// The buyer's conversation.
    pub conversation: ConversationId,
}

/// What a buyer's client is told on arrival.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// The caller from now on.
    pub caller: BuyerCaller,
    /// Only when it is new.
    pub token: Option<String>,
    /// What the client held until now belongs to another conversation: it counts from 0.
    pub starts_anew: bool,
    /// Name and whether an identity vouches for it.
    pub buyer: wire::SelfBuyer,
    /// The conversation on the wire.
    pub conversation: String,
    /// Head of the log.
    pub last_seq: i64,
    /// Read marks.
    pub marks: wire::Marks,
    /// The reception.
    pub reception: wire::Reception,
}

/// How often an arrival is tried that meets another one of the same customer: once for the person, once for the
/// conversation, and once more.
const ARRIVALS_AT_ONCE: usize = 3;

/// Who a signed identity says is there.
#[derive(Clone, Debug)]
struct Subject {
    reference: String,
    name: String,
}

/// Fresh ids and token of one arrival, drawn before the transaction: it may run again.
#[derive(Clone)]
struct Fresh {
    token: String,
    token_hash: [u8; 32],
    buyer: PublicId,
    conversation: PublicId,
}

impl App {
    /// Proves a visitor's token, binds a signed identity, or starts a new visitor.
    ///
    /// # Errors
    /// `not_signed_in` for an unknown token, `bad_identity`.
    pub async fn arrive(
        &self,
        shop: &Shop,
        token: Option<&str>,
        identity: Option<&str>,
    ) -> Result<Arrival, AppError> {
        let arrival = self.arrived(shop, token, identity).await?;
        let conversation = arrival.caller.conversation;
        let reception = self.placed(shop.id, conversation, arrival.reception);
        Ok(Arrival { reception, ..arrival })
    }

    async fn arrived(
        &self,
        shop: &Shop,
        token: Option<&str>,
        identity: Option<&str>,
    ) -> Result<Arrival, AppError> {
        let now = self.clock.now();
        let subject = identity
            .map(|jwt| crate::customers::identity::verify(jwt, &shop.key, &shop.identity_key, now))
            .transpose()?
            .map(|claims| Subject { reference: claims.subject, name: claims.name });
        let token_hash = token.map(hash_token);
        let (id, fresh) = (shop.id, self.fresh(now));
        let planned = self.planned(shop).await?;
        // A known visitor without a new identity only reads.
        if let (Some(hash), None) = (token_hash, &subject) {
            let found = self
                .db
                .read(move |tx| {
                    let planned = Arc::clone(&planned);
                    Box::pin(async move {
                        let visitor = people::find_visitor(tx, id, &hash).await?;
                        let visitor =
                            visitor.ok_or_else(|| AppError::refused(ErrorCode::NotSignedIn))?;
                        arrival(tx, id, visitor, None, false, (&*planned, now)).await
                    })
                })
                .await?;
            return Ok(found);
        }
        for _ in 1..ARRIVALS_AT_ONCE {
            let met = (Arc::clone(&planned), now);
            match self.settle(id, token_hash, subject.clone(), fresh.clone(), met).await {
                // The same customer arrives by another way at this moment: now there is somebody to find.
                Err(AppError::Store(StoreError::Unique { .. })) => {}
                done => return done,
            }
        }
        self.settle(id, token_hash, subject, fresh, (planned, now)).await
    }

    async fn settle(
        &self,
        id: ShopId,
        token_hash: Option<[u8; 32]>,
        subject: Option<Subject>,
        fresh: Fresh,
        (planned, now): (Arc<Planned>, Timestamp),
    ) -> Result<Arrival, AppError> {
        self.db
            .write(move |tx| {
                let (subject, fresh) = (subject.clone(), fresh.clone());
                let planned = Arc::clone(&planned);
                Box::pin(async move {
                    let known = match token_hash {
                        None => None,
                        Some(hash) => Some(
                            people::find_visitor(tx, id, &hash)
                                .await?
                                .ok_or_else(|| AppError::refused(ErrorCode::NotSignedIn))?,
                        ),
                    };
                    let before = known.as_ref().map(|visitor| visitor.conversation);
                    let (visitor, token) = settle(tx, id, known, subject, fresh, now).await?;
                    let starts_anew = before != Some(visitor.conversation);
                    arrival(tx, id, visitor, token, starts_anew, (&*planned, now)).await
                })
            })
            .await
    }

    /// Proves a visitor's token.
    ///
    /// # Errors
    /// `not_signed_in`.
    pub async fn buyer_caller(&self, shop: ShopId, token: &str) -> Result<BuyerCaller, AppError> {
        let hash = hash_token(token);
        let found = self
            .db
            .read(move |tx| Box::pin(async move { people::find_visitor(tx, shop, &hash).await }))
            .await?;
        let visitor = found.ok_or_else(|| AppError::refused(ErrorCode::NotSignedIn))?;
        Ok(caller(shop, &visitor))
    }

    /// What a long connection asks now and then, read at one moment. None if the token stands for another caller by
    /// now: an identity given elsewhere bound it to another conversation.
    ///
    /// # Errors
    /// `not_signed_in`.
    pub async fn pulse(
        &self,
        known: BuyerCaller,
        token: Option<&str>,
    ) -> Result<Option<Pulse>, AppError> {
        let (hash, now) = (token.map(hash_token), self.clock.now());
        let planned = self.planned_of(known.shop).await?;
        let pulse = self
            .db
            .read(move |tx| {
                let planned = Arc::clone(&planned);
                Box::pin(async move {
                    let (shop, conversation) = (known.shop, known.conversation);
                    if let Some(hash) = hash {
                        let visitor = people::find_visitor(tx, shop, &hash).await?;
                        let visitor =
                            visitor.ok_or_else(|| AppError::refused(ErrorCode::NotSignedIn))?;
                        if caller(shop, &visitor) != known {
                            return Ok(None);
                        }
                    }
                    let heads = read::heads(tx, shop, conversation).await?;
                    let heads = heads.ok_or_else(|| AppError::refused(ErrorCode::NotFound))?;
                    let reception =
                        super::read::reception(tx, shop, conversation, &planned, now).await?;
                    Ok::<_, AppError>(Some(Pulse { last_seq: heads.last_seq, reception }))
                })
            })
            .await?;
        Ok(pulse.map(|pulse| {
            let reception = self.placed(known.shop, known.conversation, pulse.reception);
            Pulse { reception, ..pulse }
        }))
    }

    fn fresh(&self, now: Timestamp) -> Fresh {
        let token = URL_SAFE_NO_PAD.encode(self.chance.bytes::<32>());
        Fresh {
            token_hash: hash_token(&token),
            token,
            buyer: PublicId::v7(now, self.chance.bytes()),
            conversation: PublicId::v7(now, self.chance.bytes()),
        }
    }
}

/// Finds out which visitor stands there; a new one comes with a token.
async fn settle(
    tx: &mut Tx,
    shop: ShopId,
    known: Option<Visitor>,
    subject: Option<Subject>,
    fresh: Fresh,
    now: Timestamp,
) -> Result<(Visitor, Option<String>), AppError> {
    match (known, subject) {
        (Some(visitor), None) => Ok((visitor, None)),
        (Some(visitor), Some(subject)) if visitor.subject.as_ref() == Some(&subject.reference) => {
            people::name_buyer(tx, shop, visitor.buyer.id, &subject.reference, &subject.name)
                .await?;
            Ok((visitor, None))
        }
        (Some(visitor), Some(subject)) if visitor.subject.is_none() => {
            bind(tx, shop, &visitor, &subject, &fresh, now).await?;
            Ok((visitor_again(tx, shop, visitor, now, &fresh).await?, None))
        }
        // Another subject on this device, or nobody yet: a new visitor, which shows nothing of the old one.
        (_, subject) => {
            let buyer = match &subject {
                None => people::insert_buyer(tx, shop, fresh.buyer, None, "", now).await?,
                Some(subject) => identified_buyer(tx, shop, subject, &fresh, now).await?,
            };
            let conversation =
                people::ensure_conversation(tx, shop, buyer, fresh.conversation, now).await?;
            let reference = subject.as_ref().map(|s| s.reference.as_str());
            let id =
                people::insert_visitor(tx, shop, buyer, &fresh.token_hash, reference, now).await?;
            let buyer = people::get_buyer(tx, shop, buyer).await?;
            let subject = subject.map(|s| s.reference);
            Ok((Visitor { id, subject, buyer, conversation }, Some(fresh.token)))
        }
    }
}

/// Binds an anonymous visitor to a subject. Its anonymous lines stay where they are: the buyers become one person.
async fn bind(
    tx: &mut Tx,
    shop: ShopId,
    visitor: &Visitor,
    subject: &Subject,
    fresh: &Fresh,
    now: Timestamp,
) -> Result<(), StoreError> {
    let buyer = match people::find_buyer_by_ref(tx, shop, &subject.reference).await? {
        Some(known) => {
            people::join_person(tx, shop, visitor.buyer.id, known.id).await?;
            known.id
        }
        None => visitor.buyer.id,
    };
    people::name_buyer(tx, shop, buyer, &subject.reference, &subject.name).await?;
    people::ensure_conversation(tx, shop, buyer, fresh.conversation, now).await?;
    people::bind_visitor(tx, shop, visitor.id, buyer, &subject.reference).await?;
    Ok(())
}

async fn visitor_again(
    tx: &mut Tx,
    shop: ShopId,
    visitor: Visitor,
    now: Timestamp,
    fresh: &Fresh,
) -> Result<Visitor, AppError> {
    let bound = people::visitor_by_id(tx, shop, visitor.id).await?;
    let bound = bound.ok_or_else(|| AppError::refused(ErrorCode::NotSignedIn))?;
    people::ensure_conversation(tx, shop, bound.buyer.id, fresh.conversation, now).await?;
    Ok(bound)
}

async fn identified_buyer(
    tx: &mut Tx,
    shop: ShopId,
    subject: &Subject,
    fresh: &Fresh,
    now: Timestamp,
) -> Result<BuyerId, StoreError> {
    let known = people::find_buyer_by_ref(tx, shop, &subject.reference).await?;
    let id = match known {
        Some(known) => known.id,
        None => {
            people::insert_buyer(
                tx,
                shop,
                fresh.buyer,
                Some(&subject.reference),
                &subject.name,
                now,
            )
            .await?
        }
    };
    people::name_buyer(tx, shop, id, &subject.reference, &subject.name).await?;
    Ok(id)
}

async fn arrival(
    tx: &mut Tx,
    shop: ShopId,
    visitor: Visitor,
    token: Option<String>,
    starts_anew: bool,
    (planned, now): (&Planned, Timestamp),
) -> Result<Arrival, AppError> {
    let heads = read::heads(tx, shop, visitor.conversation).await?;
    let heads = heads.ok_or_else(|| AppError::refused(ErrorCode::NotFound))?;
    Ok(Arrival {
        caller: caller(shop, &visitor),
        token,
        starts_anew,
        buyer: wire::SelfBuyer { name: visitor.buyer.name, identified: visitor.subject.is_some() },
        conversation: super::wire::conversation(heads.public_id),
        last_seq: heads.last_seq,
        marks: wire::Marks { buyer: heads.buyer_read_seq, staff: heads.staff_read_seq },
        reception: super::read::reception(tx, shop, visitor.conversation, planned, now).await?,
    })
}

fn caller(shop: ShopId, visitor: &Visitor) -> BuyerCaller {
    BuyerCaller {
        shop,
        visitor: visitor.id,
        buyer: visitor.buyer.id,
        conversation: visitor.conversation,
    }
}
