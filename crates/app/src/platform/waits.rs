//! Settings of a shop that say how long a buyer may wait, and where the stages of a purchase begin.

use xiaoer_domain::orders::StageRules;
use xiaoer_domain::routing::Thresholds;
use xiaoer_domain::time::{Span, Timestamp};
use xiaoer_protocol::ErrorCode;

use super::Shop;
use crate::AppError;

impl Shop {
    /// Thresholds of the waiting scale in seconds: notice, alarm, overtime.
    #[must_use]
    pub fn wait_seconds(&self, at: Timestamp) -> [u32; 3] {
        ["wait_notice_seconds", "wait_alarm_seconds", "wait_overtime_seconds"]
            .map(|name| self.number(name, at))
    }

    /// When a wait is noticed, alarms and runs over. Settings are checked when they are saved; one that came in another
    /// way gives none.
    #[must_use]
    pub fn thresholds(&self, at: Timestamp) -> Option<Thresholds> {
        let [notice, alarm, overtime] = self.wait_seconds(at).map(Span::seconds);
        Thresholds::new(notice, alarm, overtime).ok()
    }

    /// Refuses a threshold that would stand above the next one or below the one before.
    pub(super) fn check_thresholds(
        &self,
        name: &str,
        value: &str,
        now: Timestamp,
    ) -> Result<(), AppError> {
        const NAMES: [&str; 3] =
            ["wait_notice_seconds", "wait_alarm_seconds", "wait_overtime_seconds"];
        let Some(changed) = NAMES.iter().position(|of| *of == name) else { return Ok(()) };
        let mut seconds = self.wait_seconds(now);
        seconds[changed] = value.parse().unwrap_or(0);
        let [notice, alarm, overtime] = seconds.map(Span::seconds);
        let grow = Thresholds::new(notice, alarm, overtime);
        grow.map(drop).map_err(|_| AppError::Refused {
            code: ErrorCode::BadRequest,
            params: Some(serde_json::json!({
                "field": name,
                "reason": "notice, alarm and overtime have to grow in this order",
            })),
        })
    }

    /// Where the stages of a purchase begin.
    #[must_use]
    pub fn stages(&self, at: Timestamp) -> StageRules {
        StageRules {
            begins_paid: self.setting("in_sales_from", at) == "payment",
            ends_shipped: self.setting("after_sales_from", at) == "dispatch",
            after_for: Span::minutes(self.number("after_sales_days", at) * 24 * 60),
        }
    }
}
