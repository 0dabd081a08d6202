//! The lines of one invoice, and what they come to.

use xiaoer_domain::orders::{
    ImportedItem, ImportedOrder, ImportedRefund, ImportedRefundLine, OrderDetails, OrderState,
    Refusal, RefusalCode,
};

use super::line::{Line, Unreadable};
use crate::formats::{Content, Told, Unit};

/// Lines of one order; the largest of the real file has 705.
const ORDER_LINES_MAX: usize = 5_000;

/// What the first letter of an invoice says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Order,
    Cancellation,
    Booking,
}

/// Lines with the same invoice.
pub(super) struct Run {
    invoice: Vec<u8>,
    lines: Vec<Line>,
    refusals: Vec<Refusal>,
    end_line: u64,
    /// Lines that are already accounted for by a [`Run::spill`].
    is_too_long: bool,
    /// A line that belongs to the order could not be read.
    is_incomplete: bool,
}

impl Run {
    pub(super) fn new(invoice: Vec<u8>) -> Self {
        let (lines, refusals) = (Vec::new(), Vec::new());
        Self { invoice, lines, refusals, end_line: 0, is_too_long: false, is_incomplete: false }
    }

    pub(super) fn invoice(&self) -> &[u8] {
        &self.invoice
    }

    /// How much memory it takes, in lines.
    pub(super) fn held(&self) -> usize {
        self.lines.len() + self.refusals.len() + 1
    }

    pub(super) fn push(&mut self, number: u64, line: Result<Line, Unreadable>) {
        self.end_line = number;
        match line {
            Ok(line) => self.take(line),
            Err(unreadable) => {
                self.is_incomplete = true;
                self.refuse(number, unreadable.code, unreadable.detail);
            }
        }
        self.cut();
    }

    /// Adds a later part of the same invoice.
    pub(super) fn join(&mut self, later: Self) {
        self.end_line = later.end_line;
        self.is_incomplete |= later.is_incomplete;
        self.is_too_long |= later.is_too_long;
        self.lines.extend(later.lines);
        self.refusals.extend(later.refusals);
        self.cut();
    }

    /// Gives out refusals in the midst of an invoice that is beyond the limit anyway, so that none piles up.
    pub(super) fn spill(&mut self) -> Option<Unit> {
        if !self.is_too_long || self.refusals.len() < ORDER_LINES_MAX {
            return None;
        }
        Some(self.unit(Content::Nothing))
    }

    /// What the lines come to.
    pub(super) fn into_unit(mut self, told: &Told) -> Unit {
        let content = match self.kind() {
            Kind::Booking => {
                self.refuse_all(RefusalCode::LedgerAdjustment);
                Content::Nothing
            }
            _ if self.is_incomplete => {
                self.refuse_all(RefusalCode::OrderIncomplete);
                Content::Nothing
            }
            _ if self.lines.iter().any(|line| line.buyer != self.lines[0].buyer) => {
                self.refuse_all(RefusalCode::BuyerDiffers);
                Content::Nothing
            }
            Kind::Order => self.order(told),
            Kind::Cancellation => self.cancellation(told),
        };
        self.unit(content)
    }

    fn kind(&self) -> Kind {
        match self.invoice.first() {
            Some(b'A') => Kind::Booking,
            Some(b'C') => Kind::Cancellation,
            _ => Kind::Order,
        }
    }

    /// Decides about a line that can be decided about alone.
    fn take(&mut self, line: Line) {
        let refused = match self.kind() {
            _ if self.is_too_long => Some(RefusalCode::OrderTooLong),
            Kind::Booking => Some(RefusalCode::LedgerAdjustment),
            _ if line.price.is_negative() => Some(RefusalCode::Price),
            Kind::Order if line.quantity <= 0 && line.price.is_zero() => {
                Some(RefusalCode::StockAdjustment)
            }
            Kind::Order if line.quantity <= 0 => Some(RefusalCode::Quantity),
            Kind::Cancellation if line.quantity >= 0 => Some(RefusalCode::Quantity),
            _ => None,
        };
        let Some(code) = refused else { return self.lines.push(line) };
        self.is_incomplete |= matches!(code, RefusalCode::Price | RefusalCode::Quantity);
        let detail = match code {
            RefusalCode::Price => line.price.to_string(),
            RefusalCode::Quantity | RefusalCode::StockAdjustment => line.quantity.to_string(),
            _ => String::new(),
        };
        self.refuse(line.number, code, detail);
    }

    /// An invoice beyond the limit is not taken at all.
    fn cut(&mut self) {
        self.is_too_long |= self.lines.len() + self.refusals.len() > ORDER_LINES_MAX;
        if self.is_too_long {
            self.refuse_all(RefusalCode::OrderTooLong);
        }
    }

    fn order(&mut self, told: &Told) -> Content {
        let names_nobody = self.lines.iter().all(|line| line.buyer.is_none());
        if names_nobody && self.lines.iter().all(|line| line.price.is_zero()) {
            // Goods that were found, or sent somewhere, are booked like sales for nothing to nobody.
            self.refuse_all(RefusalCode::StockAdjustment);
            return Content::Nothing;
        }
        let item = |line: &Line| {
            let amount = line.price.amount(line.quantity, told.currency).ok()?;
            Some(ImportedItem {
                sku: line.sku.clone(),
                title: line.title.clone(),
                quantity: line.quantity,
                unit_price: line.price,
                amount,
            })
        };
        let items: Option<Vec<ImportedItem>> = self.lines.iter().map(item).collect();
        let order = items.zip(self.lines.first()).map(|(items, first)| ImportedOrder {
            number: self.number(),
            buyer_ref: first.buyer.clone(),
            placed_at: self.lines.iter().map(|line| line.at).min().unwrap_or(first.at),
            currency: told.currency,
            country: first.country.clone(),
            state: OrderState::Completed,
            stated_total: None,
            details: OrderDetails::default(),
            items,
        });
        match order.filter(|order| order.total().is_some()) {
            Some(order) => Content::Order(Box::new(order)),
            None => self.beyond_amounts(),
        }
    }

    fn cancellation(&mut self, told: &Told) -> Content {
        let cancelled = |line: &Line| {
            let amount = line.price.amount(line.quantity, told.currency).ok()?;
            let (sku, quantity) = (line.sku.clone(), -line.quantity);
            Some(ImportedRefundLine { sku, quantity, amount, at: line.at })
        };
        let lines: Option<Vec<ImportedRefundLine>> = self.lines.iter().map(cancelled).collect();
        match lines.zip(self.lines.first()) {
            Some((lines, first)) => Content::Refund(ImportedRefund {
                order: None,
                number: self.number(),
                buyer_ref: first.buyer.clone(),
                currency: told.currency,
                lines,
            }),
            None => self.beyond_amounts(),
        }
    }

    fn beyond_amounts(&mut self) -> Content {
        self.refuse_all(RefusalCode::Amount);
        Content::Nothing
    }

    /// Every line was read as UTF-8, or the invoice is incomplete and has no number to give.
    fn number(&self) -> String {
        String::from_utf8_lossy(&self.invoice).into_owned()
    }

    fn refuse(&mut self, line: u64, code: RefusalCode, detail: String) {
        self.refusals.push(Refusal { line, code, detail, original: None });
    }

    fn refuse_all(&mut self, code: RefusalCode) {
        for line in std::mem::take(&mut self.lines) {
            self.refuse(line.number, code, String::new());
        }
    }

    fn unit(&mut self, content: Content) -> Unit {
        let mut refusals = std::mem::take(&mut self.refusals);
        refusals.sort_by_key(|refusal| refusal.line);
        let lines = (self.lines.len() + refusals.len()) as u64;
        self.lines.clear();
        Unit { refusals, ..Unit::new(self.end_line, lines, content) }
    }
}

/// A line that belongs to no invoice.
pub(super) fn stray(number: u64, unreadable: Unreadable) -> Unit {
    let Unreadable { code, detail } = unreadable;
    let refusals = vec![Refusal { line: number, code, detail, original: None }];
    Unit { refusals, ..Unit::new(number, 1, Content::Nothing) }
}
