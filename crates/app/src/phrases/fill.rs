//! What the places of a text stand for in a conversation.

use xiaoer_domain::id::ConversationId;
use xiaoer_domain::phrases::{Filled, Variable, fill};
use xiaoer_protocol::ErrorCode;
use xiaoer_protocol::orders as orders_wire;
use xiaoer_protocol::phrases as wire;

use crate::platform::Shop;
use crate::team::Caller;
use crate::{App, AppError};

/// What is known when a text is filled in.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) buyer: Option<String>,
    pub(crate) agent: Option<String>,
    pub(crate) shop: Option<String>,
    pub(crate) order: Option<orders_wire::Order>,
    /// When the shop opens next, by its own clock; None while it is open.
    pub(crate) opens: Option<String>,
}

impl Known {
    /// The value of a place.
    pub(crate) fn value(&self, variable: Variable) -> Option<String> {
        let order = self.order.as_ref();
        let details = order.and_then(|order| order.details.as_ref());
        match variable {
            Variable::Buyer => self.buyer.clone(),
            Variable::Agent => self.agent.clone(),
            Variable::Shop => self.shop.clone(),
            Variable::OrderNumber => order.map(|order| order.number.clone()),
            Variable::Item => {
                order.and_then(|order| order.items.first()).map(|item| item.title.clone())
            }
            Variable::Amount => order.map(|order| money(order.total, &order.currency)),
            Variable::Courier => details.and_then(|details| details.courier.clone()),
            Variable::Waybill => details.and_then(|details| details.waybill.clone()),
            Variable::Opens => self.opens.clone(),
        }
    }

    /// A text with its places filled in.
    pub(crate) fn fill(&self, text: &str) -> Filled {
        fill(text, |variable| self.value(variable))
    }
}

impl App {
    /// A text as the buyer of a conversation would read it. Another buyer's order fills nothing.
    ///
    /// # Errors
    /// `too_long`; `not_found`; the database.
    pub async fn preview_phrase(
        &self,
        shop: &Shop,
        caller: &Caller,
        conversation: Option<ConversationId>,
        body: &wire::PhrasePreview,
    ) -> Result<wire::PhraseFilled, AppError> {
        if body.text.chars().count() > self.limits.text_chars_max {
            return Err(AppError::refused(ErrorCode::TooLong));
        }
        let mut known = self.known_of(shop, conversation, body.order.as_deref()).await?;
        known.agent = Some(caller.sender.name.clone());
        let filled = known.fill(&body.text);
        Ok(wire::PhraseFilled {
            text: filled.text,
            missing: filled.missing.into_iter().map(|v| v.word().to_owned()).collect(),
        })
    }

    /// What is known of the buyer of a conversation.
    pub(crate) async fn known_of(
        &self,
        shop: &Shop,
        conversation: Option<ConversationId>,
        order: Option<&str>,
    ) -> Result<Known, AppError> {
        let opens = self.opens_next(shop).await?;
        let mut known = Known { shop: Some(shop.name.clone()), opens, ..Known::default() };
        let Some(conversation) = conversation else { return Ok(known) };
        let buyer = self.buyer_of(shop.id, conversation).await?;
        known.buyer = Some(self.buyer_found(shop.id, buyer).await?.buyer.name);
        known.order = match order {
            None => self.list_orders(shop.id, buyer, None, 1).await?.orders.into_iter().next(),
            Some(number) => self
                .orders_by_number(shop.id, number)
                .await?
                .iter()
                .find(|order| order.buyer == Some(buyer))
                .map(orders_wire::Order::from),
        };
        Ok(known)
    }
}

impl App {
    /// When the shop opens next: the time, with the day if that is not today. None while it is open, or never opens.
    async fn opens_next(&self, shop: &Shop) -> Result<Option<String>, AppError> {
        let now = self.clock.now();
        let duty = self.duty(shop, now).await?;
        let next = duty.calendar.next_opening(now).filter(|_| duty.is_planned);
        let Some(opens) = next.filter(|opens| *opens > now) else { return Ok(None) };
        let zone = shop.zone(now);
        let (day, time) = (zone.day(opens), zone.time(opens));
        Ok(Some(if day == zone.day(now) { time.to_string() } else { format!("{day} {time}") }))
    }
}

/// An amount with the sign of its currency where it has a common one, else with its code behind it.
fn money(minor: i64, code: &str) -> String {
    let digits = if matches!(code, "JPY" | "KRW" | "VND") { 0 } else { 2 };
    let sign = if minor < 0 { "-" } else { "" };
    let (whole, part) = match digits {
        0 => (minor.unsigned_abs(), String::new()),
        _ => (minor.unsigned_abs() / 100, format!(".{:02}", minor.unsigned_abs() % 100)),
    };
    match code {
        "CNY" => format!("{sign}¥{whole}{part}"),
        "GBP" => format!("{sign}£{whole}{part}"),
        "USD" => format!("{sign}${whole}{part}"),
        "EUR" => format!("{sign}€{whole}{part}"),
        _ => format!("{sign}{whole}{part} {code}"),
    }
}

#[cfg(test)]
mod tests {
    use super::money;

    #[test]
    fn an_amount_reads_with_its_currency() {
        assert_eq!(money(12_305, "CNY"), "¥123.05");
        assert_eq!(money(-5, "GBP"), "-£0.05");
        assert_eq!(money(1200, "JPY"), "1200 JPY");
        assert_eq!(money(990, "CHF"), "9.90 CHF");
    }
}
