//! A buyer who leaves the queue without an answer (放弃排队). The session stays in its place: the answer is read later.

use xiaoer_bus::{Event, EventKind, Topic};
use xiaoer_store::chat::save::{self, Fact};
use xiaoer_store::routing::leave as store;

use crate::chat::BuyerCaller;
use crate::{App, AppError};

/// Which way a buyer went.
#[derive(Clone, Copy)]
enum Way {
    Out,
    In,
}

impl App {
    /// The last connection of a buyer ended. When the house itself closes nobody has left.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn buyer_left(&self, buyer: BuyerCaller) -> Result<(), AppError> {
        if self.tasks.stopping().is_cancelled() {
            return Ok(());
        }
        self.went(buyer, Way::Out).await
    }

    /// The buyer is connected again.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn buyer_is_back(&self, buyer: BuyerCaller) -> Result<(), AppError> {
        self.went(buyer, Way::In).await
    }

    async fn went(&self, buyer: BuyerCaller, way: Way) -> Result<(), AppError> {
        let (shop, conversation, now) = (buyer.shop, buyer.conversation, self.clock.now());
        let session = self
            .db
            .write(move |tx| {
                Box::pin(async move {
                    let (session, kind) = match way {
                        Way::Out => (store::left(tx, shop, conversation, now).await?, "queue_left"),
                        Way::In => (store::back(tx, shop, conversation).await?, "queue_rejoined"),
                    };
                    if let Some(session) = session {
                        let json = format!(r#"{{"c":{conversation},"n":{session}}}"#);
                        let fact = Fact { at: now, kind, version: 1, json };
                        save::facts(tx, shop, &[fact]).await?;
                    }
                    Ok::<_, AppError>(session)
                })
            })
            .await?;
        if session.is_some() {
            let event = Event { conversation: Some(conversation), kind: EventKind::Row };
            self.bus.publish(Topic::Desk(shop), &event);
            self.bus.publish(Topic::Staff(shop, conversation), &event);
        }
        Ok(())
    }
}
