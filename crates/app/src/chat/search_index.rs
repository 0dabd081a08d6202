//! What the index of words is told: entries that were added or taken back, and every entry when it is rebuilt.
//!
//! Each line of the journal only names an entry; the entry is then taken as it stands now. So the same line twice, or a
//! recall before the addition, gives the same index.

use std::collections::{BTreeMap, BTreeSet};

use xiaoer_domain::chat::Lane;
use xiaoer_domain::id::ConversationId;
use xiaoer_store::Tx;
use xiaoer_store::journal::JournalRow;
use xiaoer_store::search::{self, Document, EntryName};

use crate::followers::{Facts, FollowError, unreadable};

/// Version of the facts of both kinds.
const VERSION: i64 = 1;

/// The documents that the lines and the next page of a rebuild name, how many rows the page had, and where the rebuild
/// goes on (0: nowhere).
pub(crate) async fn gather(
    tx: &mut Tx,
    rows: &[JournalRow],
    rebuilt_from: i64,
) -> Result<(Vec<Document>, usize, i64), FollowError> {
    let names = rows.iter().filter_map(|row| name(row).transpose());
    let names: BTreeSet<EntryName> = names.collect::<Result<_, _>>()?;
    let names: Vec<EntryName> = names.into_iter().collect();
    let mut documents: BTreeMap<i64, Document> = BTreeMap::new();
    if !names.is_empty() {
        let named = search::load_named(tx, &names).await?;
        documents.extend(named.into_iter().map(|document| (document.entry, document)));
    }
    let (mut rebuilt, mut next) = (0, 0);
    if rebuilt_from > 0 {
        let (page, below) = search::load_below(tx, rebuilt_from).await?;
        (rebuilt, next) = (page.len(), below);
        let page = page.into_iter().filter(|document| document.text.is_some());
        documents.extend(page.map(|document| (document.entry, document)));
    }
    Ok((documents.into_values().collect(), rebuilt, next))
}

fn name(row: &JournalRow) -> Result<Option<EntryName>, FollowError> {
    if !matches!(row.kind.as_str(), "entry_added" | "entry_recalled" | "entry_erased") {
        return Ok(None);
    }
    let facts = Facts::read(row, VERSION)?;
    let lane = Lane::from_code(facts.number("l")?);
    Ok(Some(EntryName {
        shop: row.shop,
        conversation: ConversationId::new(facts.number("c")?),
        lane: lane.ok_or_else(|| unreadable(row, "l is no lane"))?,
        seq: facts.number("s")?,
    }))
}
