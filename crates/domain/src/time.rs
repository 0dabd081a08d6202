//! Moments and spans. The unit is the microsecond, UTC; the clock lives outside this crate.

/// A moment: microseconds since 1970-01-01 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From microseconds since 1970-01-01 UTC.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970-01-01 UTC.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// This moment plus a span.
    #[must_use]
    pub const fn plus(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.micros()))
    }

    /// This moment less a span.
    #[must_use]
    pub const fn minus(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.micros()))
    }

    /// How long after `earlier` this is; negative clocks read as zero.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Span {
        let micros = self.0.saturating_sub(earlier.0);
        Span(if micros < 0 { 0 } else { micros })
    }
}

/// A length of time, never negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span(i64);

impl Span {
    /// Microseconds.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Whole seconds.
    #[must_use]
    pub const fn seconds(seconds: u32) -> Self {
        Self(seconds as i64 * 1_000_000)
    }

    /// Whole minutes.
    #[must_use]
    pub const fn minutes(minutes: u32) -> Self {
        Self::seconds(minutes * 60)
    }

    /// So many times as long.
    #[must_use]
    pub const fn times(self, count: u32) -> Self {
        Self(self.0.saturating_mul(count as i64))
    }

    /// Microseconds.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }
}
