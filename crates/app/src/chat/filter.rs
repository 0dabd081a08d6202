//! "All" with filters. Pages are walked newest first and sifted here, a bounded number of rows for each request: a page
//! may hold less than it could and still have a next one, and no filter needs an index of its own.

use xiaoer_domain::id::{AccountId, ConversationId, ShopId, TagId};
use xiaoer_domain::orders::{Stage, StageRules};
use xiaoer_domain::time::{Span, Timestamp};
use xiaoer_protocol::chat as wire;
use xiaoer_store::StoreError;
use xiaoer_store::chat::read::{self, List, ListRow};

use super::read::{parse_cursor, write_cursor};
use crate::{App, AppError};

/// Pages that one request walks through, at most.
const PAGES_WALKED_MAX: usize = 5;

/// What of "all" is wanted. Everything named must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only with a session that is open.
    pub open: bool,
    /// Only with lines that the shop has not read.
    pub unread: bool,
    /// Only at this stage.
    pub stage: Option<Stage>,
    /// Only those whose buyer has waited at least this long.
    pub waited: Option<Span>,
    /// Only those whose latest session is with this agent.
    pub agent: Option<AccountId>,
    /// Only with this tag.
    pub tag: Option<TagId>,
    /// Only with a last line at or after this moment.
    pub from: Option<Timestamp>,
    /// Only with a last line before this moment.
    pub until: Option<Timestamp>,
}

/// How the rows of a shop get their stage now.
pub(super) struct Stages {
    now: Timestamp,
    rules: StageRules,
}

impl Stages {
    pub(super) fn of(&self, row: &ListRow) -> Stage {
        Stage::of(row.latest_order, self.now, &self.rules)
    }
}

impl Filter {
    fn fits(&self, row: &ListRow, stages: &Stages) -> bool {
        let session = row.session.as_ref();
        let waiting = session.filter(|s| !s.closed).and_then(|s| s.waiting_since);
        let agent = session.and_then(|s| s.agent.as_ref()).map(|(agent, _)| *agent);
        (!self.open || session.is_some_and(|s| !s.closed))
            && (!self.unread || row.unread > 0)
            && self.stage.is_none_or(|stage| stages.of(row) == stage)
            && self
                .waited
                .is_none_or(|least| waiting.is_some_and(|since| stages.now.since(since) >= least))
            && self.agent.is_none_or(|wanted| agent == Some(wanted))
    }
}

impl App {
    pub(super) fn stages(&self, shop: ShopId) -> Stages {
        let now = self.clock.now();
        let shop = self.shop_in_memory(shop);
        Stages { now, rules: shop.map(|shop| shop.stages(now)).unwrap_or_default() }
    }

    /// A page of the conversations that fit, newest activity first.
    ///
    /// # Errors
    /// `bad_request` for a broken cursor.
    pub async fn filtered_rows(
        &self,
        shop: ShopId,
        filter: &Filter,
        cursor: Option<&str>,
        limit: i64,
    ) -> Result<wire::Rows, AppError> {
        let limit = usize::try_from(limit.clamp(1, self.limits.page_rows_max)).unwrap_or(1);
        let mut at = match cursor {
            Some(text) => parse_cursor(text).ok_or_else(|| AppError::bad_field("cursor"))?,
            None => (filter.until.map_or(i64::MAX, Timestamp::micros), i64::MIN),
        };
        if cursor.is_none() && filter.until.is_none() {
            at.1 = i64::MAX;
        }
        let stages = self.stages(shop);
        let mut found = Vec::with_capacity(limit);
        for _ in 0..PAGES_WALKED_MAX {
            let list = List::All(Timestamp::from_micros(at.0), ConversationId::new(at.1));
            let page = self.limits.page_rows_max;
            let rows = self
                .db
                .read(move |tx| {
                    Box::pin(async move {
                        let mut rows = read::rows(tx, shop, list, page).await?;
                        read::beside(tx, shop, &mut rows).await?;
                        Ok::<_, StoreError>(rows)
                    })
                })
                .await?;
            let is_last = i64::try_from(rows.len()).is_ok_and(|count| count < page);
            let among = rows.iter().map(|row| row.id).collect();
            let tagged = self.tagged(shop, filter.tag, among).await?;
            for row in rows {
                if filter.from.is_some_and(|from| row.last_at < from) {
                    return Ok(wire::Rows { rows: found, next: None });
                }
                at = (row.last_at.micros(), row.id.get());
                let has_tag = tagged.as_ref().is_none_or(|tagged| tagged.contains(&row.id));
                if has_tag && filter.fits(&row, &stages) {
                    found.push(self.shown(shop, row));
                }
                if found.len() == limit {
                    return Ok(wire::Rows { rows: found, next: Some(write_cursor(at)) });
                }
            }
            if is_last {
                return Ok(wire::Rows { rows: found, next: None });
            }
        }
        Ok(wire::Rows { rows: found, next: Some(write_cursor(at)) })
    }
}
