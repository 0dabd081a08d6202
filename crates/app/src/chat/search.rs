//! Search: texts of both lanes newest first, and buyers by the beginning of their name or number. The caller's right to
//! read the shop's conversations is checked by then.

use xiaoer_domain::id::ShopId;
use xiaoer_domain::search::{Query, QueryError};
use xiaoer_protocol::ErrorCode;
use xiaoer_protocol::chat as wire;
use xiaoer_store::search::{self, Hit};

use super::links::ShopLinks;
use super::wire as convert;
use crate::{App, AppError};

/// Lines of one page.
const PAGE_MAX: i64 = 100;
/// Buyers beside the first page.
const BUYERS_MAX: i64 = 20;
/// Candidates looked at for each line of a page: most say what their words promise. Four times as many in each
/// further round.
const CANDIDATES_A_LINE: i64 = 2;
/// Rounds of candidates in one page. If they all disappoint, the page is short and its cursor goes on.
const ROUNDS_MAX: usize = 4;

impl App {
    /// A page of what a shop's texts say, newest first. The first page also has the buyers whose name or number begins
    /// so. A page may hold less than it could and still have a next one.
    ///
    /// Orders are looked up by number in their own verb; `orders` stays empty here.
    ///
    /// # Errors
    /// `too_long` beyond the limit of a query, `bad_request` for a broken cursor.
    pub async fn search(
        &self,
        shop: ShopId,
        text: &str,
        cursor: Option<&str>,
        limit: i64,
    ) -> Result<wire::Found, AppError> {
        let before = match cursor {
            None => i64::MAX,
            Some(cursor) => cursor.parse().map_err(|_| AppError::bad_field("cursor"))?,
        };
        let query = match Query::parse(text) {
            Ok(query) => Some(query),
            Err(QueryError::Nothing) => None,
            Err(QueryError::TooLong { chars_max }) => {
                let params = Some(serde_json::json!({ "max": chars_max }));
                return Err(AppError::Refused { code: ErrorCode::TooLong, params });
            }
        };
        let mut found =
            wire::Found { entries: Vec::new(), orders: Vec::new(), buyers: Vec::new(), next: None };
        if let Some(query) = query {
            let (hits, next) =
                self.find_texts(shop, query, before, limit.clamp(1, PAGE_MAX)).await?;
            found.entries = hits.into_iter().map(|hit| entry(hit, &self.links.of(shop))).collect();
            found.next = next.map(|entry| entry.to_string());
        }
        if cursor.is_none() {
            found.buyers = self.find_buyers(shop, text.trim()).await?;
        }
        Ok(found)
    }

    /// Lines that say it, and the id to go on below.
    async fn find_texts(
        &self,
        shop: ShopId,
        query: Query,
        mut before: i64,
        limit: i64,
    ) -> Result<(Vec<Hit>, Option<i64>), AppError> {
        let wanted = usize::try_from(limit).unwrap_or(0);
        let mut asked = limit * CANDIDATES_A_LINE;
        let mut found = Vec::with_capacity(wanted);
        for _ in 0..ROUNDS_MAX {
            let words = query.clone();
            let candidates = self.db.derived_read(move |tx| {
                Box::pin(async move { search::candidates(tx, shop, &words, before, asked).await })
            });
            let candidates = candidates.await?;
            let is_last = i64::try_from(candidates.len()).is_ok_and(|count| count < asked);
            let Some(lowest) = candidates.last().copied() else { return Ok((found, None)) };
            let hits = self
                .db
                .read(move |tx| Box::pin(async move { search::hits(tx, shop, candidates).await }));
            for hit in hits.await? {
                let line = &hit.line;
                let says = search::searchable(line.text.clone(), line.content.as_ref());
                let says_it = says.is_some_and(|text| query.matches(&text));
                if !says_it {
                    continue;
                }
                if found.len() == wanted {
                    return Ok((found, Some(before)));
                }
                before = hit.entry;
                found.push(hit);
            }
            if is_last {
                return Ok((found, None));
            }
            if found.len() < wanted {
                before = lowest;
            }
            asked = (asked * 4).min(search::CANDIDATES_MAX);
        }
        Ok((found, Some(before)))
    }

    async fn find_buyers(
        &self,
        shop: ShopId,
        prefix: &str,
    ) -> Result<Vec<wire::FoundBuyer>, AppError> {
        if prefix.is_empty() {
            return Ok(Vec::new());
        }
        // What PostgreSQL cannot take occurs in no name.
        let prefix: String = prefix.chars().filter(|c| *c != '\0').collect();
        let found = self.db.read(move |tx| {
            Box::pin(async move { search::buyers(tx, shop, &prefix, BUYERS_MAX).await })
        });
        let found = found.await?;
        let found = found.into_iter().map(|(buyer, conversation)| wire::FoundBuyer {
            buyer: convert::buyer(&buyer),
            conversation: conversation.map(convert::conversation),
        });
        Ok(found.collect())
    }
}

fn entry(hit: Hit, links: &ShopLinks<'_>) -> wire::FoundEntry {
    let mut entry = convert::stored_entry(hit.line, links);
    convert::veil(&mut entry);
    wire::FoundEntry {
        conversation: convert::conversation(hit.conversation),
        buyer: convert::buyer(&hit.buyer),
        entry,
    }
}
