//! The lines of one order, and what they come to.

use std::collections::HashSet;

use xiaoer_domain::orders::{
    ImportedOrder, OrderDetails, OrderState, Refusal, RefusalCode, Standing,
};
use xiaoer_domain::private::Private;

use super::cell::Unreadable;
use super::columns::{Field, Layout};
use super::row::Row;
use crate::formats::{Content, Told, Unit};

/// Lines of one order.
const ORDER_LINES_MAX: usize = 5_000;
/// Waybills of one order that are kept, blank between.
const WAYBILLS_MAX: usize = 8;

/// Lines with the same order number.
pub(super) struct Group {
    number: String,
    rows: Vec<(Row, Private)>,
    refusals: Vec<Refusal>,
    end_line: u64,
    is_too_long: bool,
    is_incomplete: bool,
}

impl Group {
    pub(super) fn new(number: String) -> Self {
        let (rows, refusals) = (Vec::new(), Vec::new());
        Self { number, rows, refusals, end_line: 0, is_too_long: false, is_incomplete: false }
    }

    pub(super) fn number(&self) -> &str {
        &self.number
    }

    /// How much memory it takes, in lines.
    pub(super) fn held(&self) -> usize {
        self.rows.len() + self.refusals.len() + 1
    }

    pub(super) fn push(&mut self, line: u64, row: Result<Row, Unreadable>, original: Private) {
        self.end_line = line;
        match row {
            Ok(row) => self.rows.push((row, original)),
            Err(Unreadable { code, detail }) => {
                self.is_incomplete = true;
                self.refusals.push(Refusal { line, code, detail, original: Some(original) });
            }
        }
        self.cut();
    }

    /// Adds a later part of the same order.
    pub(super) fn join(&mut self, later: Self) {
        self.end_line = later.end_line;
        self.is_incomplete |= later.is_incomplete;
        self.is_too_long |= later.is_too_long;
        self.rows.extend(later.rows);
        self.refusals.extend(later.refusals);
        self.cut();
    }

    /// Gives out refusals in the midst of an order that is beyond the limit anyway, so that none piles up.
    pub(super) fn spill(&mut self) -> Option<Unit> {
        if !self.is_too_long || self.refusals.len() < ORDER_LINES_MAX {
            return None;
        }
        Some(self.unit(Content::Nothing, 0))
    }

    /// What the lines come to.
    pub(super) fn into_unit(mut self, layout: &Layout, told: &Told) -> Unit {
        if self.is_incomplete {
            self.refuse_all(RefusalCode::OrderIncomplete, "");
        }
        self.drop_duplicates(layout);
        let lines = self.rows.len() as u64;
        match self.order(layout, told) {
            Ok(Some(order)) => self.unit(Content::Order(Box::new(order)), lines),
            Ok(None) => self.unit(Content::Nothing, 0),
            Err(Unreadable { code, detail }) => {
                self.refuse_all(code, &detail);
                self.unit(Content::Nothing, 0)
            }
        }
    }

    /// The same line again is refused and the order stands. Where a line is a whole order, the newest one holds.
    fn drop_duplicates(&mut self, layout: &Layout) {
        let (mut seen, mut kept) = (HashSet::new(), Vec::with_capacity(self.rows.len()));
        for (row, original) in std::mem::take(&mut self.rows) {
            let name = row.part.clone().unwrap_or_else(|| original.reveal().to_owned());
            if seen.insert(name) {
                kept.push((row, original));
            } else {
                self.refuse(&row, RefusalCode::Duplicate, "", original);
            }
        }
        while layout.manner.is_one_line && kept.len() > 1 {
            let older = usize::from(!standing(&kept[1].0).replaces(&standing(&kept[0].0)));
            let (row, original) = kept.remove(older);
            self.refuse(&row, RefusalCode::Duplicate, "", original);
        }
        self.rows = kept;
    }

    fn order(&self, layout: &Layout, told: &Told) -> Result<Option<ImportedOrder>, Unreadable> {
        let Some((first, _)) = self.rows.first() else { return Ok(None) };
        let rows = || self.rows.iter().map(|(row, _)| row);
        if rows().any(|row| row.buyer != first.buyer) {
            return Err(Unreadable::new(RefusalCode::BuyerDiffers, ""));
        }
        let details = merge(rows().map(|row| &row.details));
        let placed_at = rows().filter_map(|row| row.placed_at).min();
        let known = [placed_at, details.paid_at, details.shipped_at, details.finished_at];
        let placed_at = known.into_iter().flatten().next();
        let placed_at = placed_at.ok_or_else(|| Unreadable::missing(Field::PlacedAt))?;
        let states: Vec<OrderState> = rows().map(|row| row.state).collect();
        let state = OrderState::of_parts(&states).unwrap_or(first.state);
        let items = rows().filter_map(|row| row.item.clone()).collect();
        let mut order = ImportedOrder {
            number: self.number.clone(),
            buyer_ref: first.buyer.clone(),
            placed_at,
            currency: told.currency,
            country: rows().find_map(|row| row.country.clone()),
            state,
            stated_total: None,
            details,
            items,
        };
        let (paid, due) = (rows().find_map(|row| row.paid), rows().find_map(|row| row.due));
        order.stated_total = total(&order, paid, due);
        if order.items.is_empty() && order.stated_total.is_none() {
            let wanted = if layout.has(Field::Total) { Field::Total } else { Field::Title };
            return Err(Unreadable::missing(wanted));
        }
        match order.total() {
            Some(_) => Ok(Some(order)),
            None => Err(Unreadable::new(RefusalCode::Amount, "")),
        }
    }

    /// An order beyond the limit is not taken at all.
    fn cut(&mut self) {
        self.is_too_long |= self.rows.len() + self.refusals.len() > ORDER_LINES_MAX;
        if self.is_too_long {
            self.refuse_all(RefusalCode::OrderTooLong, "");
        }
    }

    fn refuse(&mut self, row: &Row, code: RefusalCode, detail: &str, original: Private) {
        let (detail, original) = (detail.to_owned(), Some(original));
        self.refusals.push(Refusal { line: row.line, code, detail, original });
    }

    fn refuse_all(&mut self, code: RefusalCode, detail: &str) {
        for (row, original) in std::mem::take(&mut self.rows) {
            self.refuse(&row, code, detail, original);
        }
    }

    fn unit(&mut self, content: Content, lines: u64) -> Unit {
        let mut refusals = std::mem::take(&mut self.refusals);
        refusals.sort_by_key(|refusal| refusal.line);
        let lines = lines + refusals.len() as u64;
        Unit { refusals, ..Unit::new(self.end_line, lines, content) }
    }
}

/// A line that belongs to no order.
pub(super) fn stray(line: u64, unreadable: Unreadable, original: Private) -> Unit {
    let Unreadable { code, detail } = unreadable;
    let refusals = vec![Refusal { line, code, detail, original: Some(original) }];
    Unit { refusals, ..Unit::new(line, 1, Content::Nothing) }
}

fn standing(row: &Row) -> Standing {
    let OrderDetails { said_at, .. } = row.details;
    Standing { state: row.state, moment: row.details.latest_moment(), said_at }
}

/// What the order costs: what was paid; before payment what is to pay, or the lines with their postage.
fn total(order: &ImportedOrder, paid: Option<i64>, due: Option<i64>) -> Option<i64> {
    let was_paid = !matches!(order.state, OrderState::Unpaid | OrderState::Closed);
    if was_paid && paid.is_some() {
        return paid;
    }
    if let Some(amount) = paid.filter(|amount| *amount > 0).or(due) {
        return Some(amount);
    }
    // What only the lines say needs no saying twice.
    paid?;
    let lines: i64 = order.items.iter().map(|item| item.amount).sum();
    Some(lines.saturating_add(order.details.postage.unwrap_or_default()))
}

/// What stands on each line, or on one of them: the first that says it. Waybills are gathered.
fn merge<'r>(mut rows: impl Iterator<Item = &'r OrderDetails>) -> OrderDetails {
    let mut all = rows.next().cloned().unwrap_or_default();
    for one in rows.cloned() {
        let mut waybills: Vec<String> =
            all.waybill.iter().flat_map(|w| w.split(' ')).map(str::to_owned).collect();
        waybills.extend(one.waybill.filter(|waybill| !waybills.contains(waybill)));
        waybills.truncate(WAYBILLS_MAX);
        all = OrderDetails {
            paid_at: all.paid_at.or(one.paid_at),
            shipped_at: all.shipped_at.max(one.shipped_at),
            finished_at: all.finished_at.max(one.finished_at),
            said_at: all.said_at.max(one.said_at),
            postage: all.postage.or(one.postage),
            courier: all.courier.or(one.courier),
            waybill: (!waybills.is_empty()).then(|| waybills.join(" ")),
            close_reason: all.close_reason.or(one.close_reason),
            flag: all.flag.or(one.flag),
            nick: all.nick.or(one.nick),
            recipient: all.recipient.or(one.recipient),
            phone: all.phone.or(one.phone),
            address: all.address.or(one.address),
            buyer_note: all.buyer_note.or(one.buyer_note),
            seller_memo: all.seller_memo.or(one.seller_memo),
        };
    }
    all
}
