//! The roster: reading a week, planning people's days, filling a week from another.

use std::collections::HashSet;

use serde_json::json;
use xiaoer_domain::id::{AccountId, ShopId};
use xiaoer_domain::team::duty::{Calendar, parse_windows, show_windows};
use xiaoer_domain::team::roster::{self, Shift, ShiftKind};
use xiaoer_domain::team::{Right, may};
use xiaoer_domain::time::Timestamp;
use xiaoer_domain::zone::{Day, TimeOfDay};
use xiaoer_protocol::id;
use xiaoer_protocol::team::duty as wire;
use xiaoer_store::team as people;
use xiaoer_store::team::duty::{self as store, StoredSpecial};
use xiaoer_store::{StoreError, Tx};

use super::Caller;
use super::duty::SPECIAL_DAYS_MAX;
use crate::platform::Shop;
use crate::platform::audit::{AuditKind, Note};
use crate::{App, AppError};

/// People of a shop who can be planned.
const PEOPLE_MAX: i64 = 1000;
/// Shifts of a week and the day before it.
const SHIFTS_MAX: i64 = 8 * PEOPLE_MAX;
/// Days planned at once.
const PLANNED_MAX: usize = 500;
/// Last day of a week, from its first.
const WEEK_END: i32 = 6;

impl App {
    /// The week of the roster that a day belongs to; this week if none is named.
    ///
    /// # Errors
    /// `bad_request` for what is no day; the database.
    pub async fn roster(
        &self,
        shop: &Shop,
        caller: &Caller,
        day: Option<&str>,
    ) -> Result<wire::Roster, AppError> {
        let now = self.clock.now();
        let first = match day {
            Some(text) => parse_day(text, "week")?.monday(),
            None => shop.zone(now).day(now).monday(),
        };
        let id = shop.id;
        let read = self.db.read(move |tx| {
            Box::pin(async move {
                let last = first.plus(WEEK_END);
                let shifts = store::shifts(tx, id, first.plus(-1), last, SHIFTS_MAX).await?;
                let people = people::agents(tx, id, now, PEOPLE_MAX).await?;
                let special = store::special_days(tx, id, first, SPECIAL_DAYS_MAX).await?;
                Ok::<_, StoreError>((shifts, people, special))
            })
        });
        let (shifts, people, special) = read.await?;
        let days = self.roster_days(shop, first, &shifts, &special);
        let person = |agent: people::Agent| wire::RosterPerson {
            id: id::account(agent.id),
            name: agent.name,
        };
        Ok(wire::Roster {
            first: first.to_string(),
            days,
            people: people.into_iter().map(person).collect(),
            shifts: shifts.iter().filter(|shift| shift.day >= first).map(shift_shown).collect(),
            may_plan: may(&caller.roles, Right::PlanRoster),
        })
    }

    fn roster_days(
        &self,
        shop: &Shop,
        first: Day,
        shifts: &[Shift],
        special: &[StoredSpecial],
    ) -> Vec<wire::RosterDay> {
        let now = self.clock.now();
        let days = special.iter().map(|stored| stored.days.clone()).collect();
        let calendar = Calendar { zone: shop.zone(now), weeks: shop.weeks(), special: days };
        let min = shop.number("roster_min", now);
        let one = |ahead| {
            let day = first.plus(ahead);
            // What holds at the end of the day: hours that were set meanwhile are those that count.
            let at = end_of(&calendar, day).max(now);
            let windows = calendar.windows_of(day, at);
            let counts = roster::coverage(shifts, day);
            let of_day = special.iter().filter(|s| s.days.first <= day && day <= s.days.last);
            wire::RosterDay {
                day: day.to_string(),
                spans: show_windows(windows),
                gaps: roster::gaps(windows, &counts, min),
                counts: counts.to_vec(),
                special: of_day
                    .min_by_key(|s| s.days.last.days_since(s.days.first))
                    .map(|s| s.name.clone()),
            }
        };
        (0..=WEEK_END).map(one).collect()
    }

    /// Plans days of people, each in place of what was planned.
    ///
    /// # Errors
    /// `bad_request` with the field, also for somebody who cannot be planned; the database.
    pub async fn plan_roster(&self, shop: &Shop, body: &wire::RosterBody) -> Result<(), AppError> {
        if body.shifts.len() > PLANNED_MAX {
            return Err(AppError::bad_field("shifts"));
        }
        let now = self.clock.now();
        let plans = body.shifts.iter().map(|one| parse_plan(shop, one, now));
        let plans: Vec<Plan> = plans.collect::<Result<_, _>>()?;
        let id = shop.id;
        let note = Note::of(AuditKind::RosterPlanned).is(&json!({ "days": plans.len() }));
        let note = self.audit(note);
        let write = self.db.write(move |tx| {
            let (plans, note) = (plans.clone(), note.clone());
            Box::pin(async move {
                let known = known(tx, id, now).await?;
                for plan in &plans {
                    match plan {
                        Plan::Work(shift) if !known.contains(&shift.account) => {
                            return Err(AppError::bad_field("agent"));
                        }
                        Plan::Work(shift) => store::put_shift(tx, id, shift, now).await?,
                        Plan::Free(day, account) => {
                            store::delete_shift(tx, id, *day, *account).await?;
                        }
                    }
                }
                note.write(tx, id).await?;
                Ok(())
            })
        });
        write.await?;
        self.plan_changed(shop.id).await
    }

    /// Fills a week from another one; what was planned for it goes.
    ///
    /// # Errors
    /// `bad_request` with the field; the database.
    pub async fn copy_roster(&self, shop: &Shop, body: &wire::RosterCopy) -> Result<(), AppError> {
        let from = parse_day(&body.from, "from")?.monday();
        let to = parse_day(&body.to, "to")?.monday();
        let turns = match body.how.as_str() {
            "same" => false,
            "rotate" => true,
            _ => return Err(AppError::bad_field("how")),
        };
        if from == to {
            return Err(AppError::bad_field("to"));
        }
        let (id, now) = (shop.id, self.clock.now());
        let is = json!({ "from": body.from, "to": body.to, "how": body.how });
        let note = self.audit(Note::of(AuditKind::RosterPlanned).is(&is));
        let write = self.db.write(move |tx| {
            let note = note.clone();
            Box::pin(async move {
                let week = store::shifts(tx, id, from, from.plus(WEEK_END), SHIFTS_MAX).await?;
                let known = known(tx, id, now).await?;
                let ahead = to.days_since(from);
                let filled = if turns {
                    let mut planned: Vec<AccountId> = week.iter().map(|s| s.account).collect();
                    planned.sort_unstable();
                    planned.dedup();
                    planned.retain(|account| known.contains(account));
                    roster::copied(&roster::rotated(&week, &planned), ahead - 7)
                } else {
                    roster::copied(&week, ahead)
                };
                store::delete_shifts(tx, id, to, to.plus(WEEK_END)).await?;
                for shift in filled.iter().filter(|shift| known.contains(&shift.account)) {
                    store::put_shift(tx, id, shift, now).await?;
                }
                note.write(tx, id).await?;
                Ok::<_, AppError>(())
            })
        });
        write.await?;
        self.plan_changed(shop.id).await
    }
}

#[derive(Clone)]
enum Plan {
    Work(Shift),
    Free(Day, AccountId),
}

async fn known(tx: &mut Tx, shop: ShopId, now: Timestamp) -> Result<HashSet<AccountId>, AppError> {
    let people = people::agents(tx, shop, now, PEOPLE_MAX).await?;
    Ok(people.into_iter().map(|agent| agent.id).collect())
}

fn parse_plan(shop: &Shop, body: &wire::ShiftBody, now: Timestamp) -> Result<Plan, AppError> {
    let account = id::parse_account(&body.agent).ok_or_else(|| AppError::bad_field("agent"))?;
    let day = parse_day(&body.day, "day")?;
    if body.kind == "off" {
        return Ok(Plan::Free(day, account));
    }
    let kind = ShiftKind::parse(&body.kind).ok_or_else(|| AppError::bad_field("kind"))?;
    let spans = match kind {
        ShiftKind::Day => shop.setting("day_shift", now),
        ShiftKind::Night => shop.setting("night_shift", now),
        ShiftKind::Own => &body.spans,
    };
    let windows = parse_windows(spans).ok().filter(|windows| !windows.is_empty());
    let windows = windows.ok_or_else(|| AppError::bad_field("spans"))?;
    Ok(Plan::Work(Shift { account, day, kind, windows }))
}

fn parse_day(text: &str, field: &str) -> Result<Day, AppError> {
    Day::parse(text).ok_or_else(|| AppError::bad_field(field))
}

fn end_of(calendar: &Calendar, day: Day) -> Timestamp {
    let midnight = TimeOfDay::from_minutes(xiaoer_domain::zone::DAY_MINUTES);
    midnight.map_or(Timestamp::from_micros(0), |time| calendar.zone.moment(day, time))
}

fn shift_shown(shift: &Shift) -> wire::Shift {
    wire::Shift {
        agent: id::account(shift.account),
        day: shift.day.to_string(),
        kind: shift.kind.word().to_owned(),
        spans: show_windows(&shift.windows),
    }
}
