//! Every setting of a shop: what holds until somebody sets it, and what it takes.

use xiaoer_domain::team::Role;
use xiaoer_domain::team::duty::{Week, parse_windows};
use xiaoer_domain::zone::{TimeOfDay, Zone};

/// A setting: its name, its default, and what values it takes.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Name in database and command line.
    pub name: &'static str,
    /// What holds until somebody sets it.
    pub default: &'static str,
    /// What it takes.
    pub takes: Takes,
    /// What it means, for people.
    pub doc: &'static str,
}

/// What a setting takes.
#[derive(Clone, Copy, Debug)]
pub enum Takes {
    /// A whole number within bounds.
    Number(u32, u32),
    /// An IANA zone.
    Zone,
    /// Three capital letters.
    Currency,
    /// Origins, separated by blanks.
    Origins,
    /// A text for people, up to so many characters; empty: the product's own.
    Text(usize),
    /// A time of day, or `off`.
    TimeOfDay,
    /// Roles, separated by blanks.
    Roles,
    /// Spans of a day, separated by blanks.
    Spans,
    /// Spans of seven days from Monday on, `;` between the days; empty: never said.
    Week,
    /// One of these words.
    OneOf(&'static [&'static str]),
}

/// Every setting of a shop. Sources: docs/definitions/session.md and waiting.md.
pub const SETTINGS: &[Setting] = &[
    Setting {
        name: "shop_kind",
        default: "own_site",
        takes: Takes::OneOf(&["own_site", "marketplace", "mall"]),
        doc: "where the shop sells: its own site, a marketplace, or a mall of brands",
    },
    Setting {
        name: "zone",
        default: "Asia/Shanghai",
        takes: Takes::Zone,
        doc: "time zone of the shop",
    },
    Setting {
        name: "currency",
        default: "CNY",
        takes: Takes::Currency,
        doc: "accounting currency",
    },
    Setting {
        name: "origins",
        default: "",
        takes: Takes::Origins,
        doc: "origins that may embed the widget; empty: every origin",
    },
    Setting {
        name: "seat_frees_minutes",
        default: "10",
        takes: Takes::Number(1, 24 * 60),
        doc: "buyer's silence after our reply until the seat frees",
    },
    Setting {
        name: "session_ends_minutes",
        default: "30",
        takes: Takes::Number(1, 7 * 24 * 60),
        doc: "buyer's silence after our reply until the session ends",
    },
    Setting {
        name: "same_agent_hours",
        default: "24",
        takes: Takes::Number(0, 30 * 24),
        doc: "a return within this time goes to the same agent",
    },
    Setting {
        name: "recall_seconds",
        default: "120",
        takes: Takes::Number(0, 24 * 60 * 60),
        doc: "how long a message can be taken back",
    },
    Setting {
        name: "attachment_space_mb",
        default: "20480",
        takes: Takes::Number(0, 100_000_000),
        doc: "megabytes that the shop's pictures and files may take up; more are refused",
    },
    Setting {
        name: "nudge_seconds",
        default: "0",
        takes: Takes::Number(0, 86_400),
        doc: "pause between two nudges of a buyer; 0: the shop takes no nudges",
    },
    Setting {
        name: "wait_notice_seconds",
        default: "30",
        takes: Takes::Number(1, 86_400),
        doc: "waiting: notice",
    },
    Setting {
        name: "wait_alarm_seconds",
        default: "100",
        takes: Takes::Number(1, 86_400),
        doc: "waiting: alarm",
    },
    Setting {
        name: "after_sales_days",
        default: "30",
        takes: Takes::Number(0, 3650),
        doc: "days from an order in which its buyer counts as after-sales once it was received",
    },
    Setting {
        name: "in_sales_from",
        default: "order",
        takes: Takes::OneOf(&["order", "payment"]),
        doc: "what makes a buyer in-sales",
    },
    Setting {
        name: "after_sales_from",
        default: "receipt",
        takes: Takes::OneOf(&["receipt", "dispatch"]),
        doc: "what makes a buyer after-sales",
    },
    Setting {
        name: "routing_strategy",
        default: "least_loaded",
        takes: Takes::OneOf(&["least_loaded", "round_robin", "level_weighted"]),
        doc: "how a shop without skill groups chooses an agent",
    },
    Setting {
        name: "overtime_reassign",
        default: "0",
        takes: Takes::Number(0, 1),
        doc: "a buyer left waiting beyond overtime goes to a free colleague",
    },
    Setting {
        name: "leave_message_minutes",
        default: "3",
        takes: Takes::Number(1, 24 * 60),
        doc: "minutes in the queue after which a buyer is offered to leave a message",
    },
    Setting {
        name: "auto_overload_from",
        default: "10",
        takes: Takes::Number(0, 10_000),
        doc: "buyers in the queue from which the automatic reply for an overload is said; 0: never",
    },
    Setting {
        name: "auto_long_wait_seconds",
        default: "120",
        takes: Takes::Number(10, 86_400),
        doc: "seconds of waiting after which the automatic reply for a long wait is said",
    },
    Setting {
        name: "wait_overtime_seconds",
        default: "180",
        takes: Takes::Number(1, 86_400),
        doc: "waiting: overtime",
    },
    Setting {
        name: "signature_shown",
        default: "line",
        takes: Takes::OneOf(&["off", "name", "line"]),
        doc: "what buyers see of an agent's signature: nothing, it in place of the name, or it under the name",
    },
    Setting {
        name: "signature_default",
        default: "",
        takes: Takes::Text(40),
        doc: "signature of agents who have none of their own",
    },
    Setting {
        name: "transfer_accept_seconds",
        default: "60",
        takes: Takes::Number(0, 3600),
        doc: "how long a colleague may take to accept a buyer; 0: goes over at once",
    },
    Setting {
        name: "goal_first_seconds",
        default: "10",
        takes: Takes::Number(1, 3600),
        doc: "goal for the mean first response",
    },
    Setting {
        name: "goal_response_seconds",
        default: "16",
        takes: Takes::Number(1, 3600),
        doc: "goal for the mean response",
    },
    Setting {
        name: "in_time_seconds",
        default: "180",
        takes: Takes::Number(1, 86_400),
        doc: "an answer within this is in time",
    },
    Setting {
        name: "opens_minute",
        default: "480",
        takes: Takes::Number(0, 1439),
        doc: "first minute of service in the shop's day, unless duty_hours says more",
    },
    Setting {
        name: "closes_minute",
        default: "1440",
        takes: Takes::Number(0, 1440),
        doc: "first minute after service; not above opens_minute: past midnight",
    },
    Setting {
        name: "duty_hours",
        default: "",
        takes: Takes::Week,
        doc: "spans of service from Monday to Sunday, such as 08:00-12:00 13:00-24:00;…; empty: opens_minute to closes_minute",
    },
    Setting {
        name: "day_shift",
        default: "08:00-12:00 12:30-16:30",
        takes: Takes::Spans,
        doc: "spans of the day shift",
    },
    Setting {
        name: "night_shift",
        default: "15:30-17:30 18:00-24:00",
        takes: Takes::Spans,
        doc: "spans of the night shift",
    },
    Setting {
        name: "roster_binds",
        default: "1",
        takes: Takes::Number(0, 1),
        doc: "only who is on duty by hours and roster is given buyers; 0: whoever is available is",
    },
    Setting {
        name: "roster_min",
        default: "1",
        takes: Takes::Number(0, 1000),
        doc: "fewest people of the roster in a half hour of service",
    },
    Setting {
        name: "call_again_minutes",
        default: "120",
        takes: Takes::Number(1, 7 * 24 * 60),
        doc: "service until a buyer who did not answer the telephone is called again",
    },
    Setting {
        name: "call_tries",
        default: "3",
        takes: Takes::Number(1, 20),
        doc: "how often a buyer is called in a row without an answer",
    },
    Setting {
        name: "follow_up_minutes",
        default: "120",
        takes: Takes::Number(1, 7 * 24 * 60),
        doc: "a message left behind is answered within this time of service",
    },
    Setting {
        name: "rating",
        default: "1",
        takes: Takes::Number(0, 1),
        doc: "buyers may rate a session that is over",
    },
    Setting {
        name: "rating_change_hours",
        default: "24",
        takes: Takes::Number(0, 30 * 24),
        doc: "how long a rating can be changed",
    },
    Setting {
        name: "viewing",
        default: "1",
        takes: Takes::Number(0, 1),
        doc: "the page a buyer looks at is told to the desk, after the privacy notice",
    },
    Setting {
        name: "privacy_version",
        default: "1",
        takes: Takes::Number(1, 1_000_000),
        doc: "raised when the privacy notice changes: buyers are asked again",
    },
    Setting {
        name: "privacy_zh",
        default: "",
        takes: Takes::Text(2000),
        doc: "privacy notice in Chinese; empty: the product's own",
    },
    Setting {
        name: "privacy_en",
        default: "",
        takes: Takes::Text(2000),
        doc: "privacy notice in English; empty: the product's own",
    },
    Setting {
        name: "backup_at",
        default: "03:30",
        takes: Takes::TimeOfDay,
        doc: "time of the nightly backup; off: none; the installation's first shop decides",
    },
    Setting {
        name: "backups_kept",
        default: "14",
        takes: Takes::Number(1, 400),
        doc: "nightly backups that are kept; the installation's first shop decides",
    },
    Setting {
        name: "keep_text_days",
        default: "0",
        takes: Takes::Number(0, 36_500),
        doc: "days after which what was said is taken away; 0: it is kept",
    },
    Setting {
        name: "keep_attachment_days",
        default: "0",
        takes: Takes::Number(0, 36_500),
        doc: "days after which pictures and files are taken away; 0: they are kept",
    },
    Setting {
        name: "keep_order_person_days",
        default: "0",
        takes: Takes::Number(0, 36_500),
        doc: "days after which an order that is over no longer names a person; 0: it does",
    },
    Setting {
        name: "reveals_per_hour",
        default: "30",
        takes: Takes::Number(0, 10_000),
        doc: "masked values that one person may look at in an hour before the audit log says so; 0: never",
    },
    Setting {
        name: "second_factor_roles",
        default: "",
        takes: Takes::Roles,
        doc: "roles that must sign in with a code too, blank between",
    },
    Setting {
        name: "step_up_minutes",
        default: "10",
        takes: Takes::Number(1, 240),
        doc: "how long a password or code stands for dangerous acts",
    },
];

impl Setting {
    /// The setting of this name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|s| s.name == name)
    }

    /// Checks a value.
    ///
    /// # Errors
    /// A sentence that says what it takes.
    pub fn check(&self, value: &str) -> Result<(), String> {
        let fine = match self.takes {
            Takes::Number(min, max) => value.parse::<u32>().is_ok_and(|n| (min..=max).contains(&n)),
            Takes::Zone => Zone::parse(value).is_some(),
            Takes::TimeOfDay => value == "off" || TimeOfDay::parse(value).is_some(),
            Takes::Currency => value.len() == 3 && value.bytes().all(|b| b.is_ascii_uppercase()),
            Takes::Origins => value.split_whitespace().all(|o| {
                (o.starts_with("https://") || o.starts_with("http://")) && !o.ends_with('/')
            }),
            Takes::Text(max) => {
                value.chars().count() <= max && !value.chars().any(|c| c.is_control() && c != '\n')
            }
            Takes::OneOf(words) => words.contains(&value),
            Takes::Roles => value.split_whitespace().all(|role| Role::parse(role).is_some()),
            Takes::Spans => parse_windows(value).is_ok(),
            Takes::Week => Week::parse(value).is_ok(),
        };
        fine.then_some(()).ok_or_else(|| match self.takes {
            Takes::Number(min, max) => {
                format!("{} takes a whole number from {min} to {max}", self.name)
            }
            Takes::Zone => format!("{} takes an IANA zone such as Asia/Shanghai", self.name),
            Takes::Currency => format!("{} takes three capital letters such as CNY", self.name),
            Takes::TimeOfDay => format!("{} takes a time such as 03:30, or off", self.name),
            Takes::Origins => {
                format!("{} takes origins such as https://shop.example, blank between", self.name)
            }
            Takes::OneOf(words) => format!("{} takes one of: {}", self.name, words.join(" ")),
            Takes::Text(max) => format!("{} takes a text of at most {max} characters", self.name),
            Takes::Roles => {
                format!("{} takes roles such as owner manager, blank between", self.name)
            }
            Takes::Spans => {
                format!("{} takes spans in order such as 08:00-12:00 13:00-24:00", self.name)
            }
            Takes::Week => {
                format!("{} takes spans for seven days from Monday on, ; between", self.name)
            }
        })
    }
}
