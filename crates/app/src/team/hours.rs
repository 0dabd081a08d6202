//! Writing when the shop serves: weekly hours, special days, modes. Each write is in the audit log.

use serde_json::json;
use xiaoer_domain::id::{ModeId, ShopId, SpecialDayId};
use xiaoer_domain::team::duty::{SpecialDays, Week, parse_windows, show_windows};
use xiaoer_domain::team::mode::{Mode, ModeKind};
use xiaoer_domain::time::Timestamp;
use xiaoer_domain::zone::Day;
use xiaoer_protocol::ErrorCode;
use xiaoer_protocol::team::duty as wire;
use xiaoer_store::StoreError;
use xiaoer_store::team::duty::{self as store, StoredMode, StoredSpecial};

use super::Caller;
use super::duty::SPECIAL_DAYS_MAX;
use crate::platform::Shop;
use crate::platform::audit::{AuditKind, Note};
use crate::{App, AppError};

/// Characters of a special day's name.
const NAME_CHARS_MAX: usize = 60;
/// Days of a holiday.
const HOLIDAY_DAYS_MAX: i32 = 366;
/// Modes of a shop that are not over.
pub(super) const MODES_MAX: i64 = 100;
/// Characters of what a mode tells buyers.
const MODE_TEXT_CHARS_MAX: usize = 300;
/// Things to check of a mode, and characters of each.
const CHECKS_MAX: usize = 40;
const CHECK_CHARS_MAX: usize = 120;

impl App {
    /// When the shop serves, and whether the caller is on duty.
    ///
    /// # Errors
    /// The database.
    pub async fn duty_plan(
        &self,
        shop: &Shop,
        caller: &Caller,
    ) -> Result<wire::DutyPlan, AppError> {
        let now = self.clock.now();
        let duty = self.duty(shop, now).await?;
        let (id, today) = (shop.id, duty.calendar.zone.day(now));
        let read = self.db.read(move |tx| {
            Box::pin(async move {
                let special = store::special_days(tx, id, today, SPECIAL_DAYS_MAX).await?;
                Ok::<_, StoreError>((special, store::modes(tx, id, now, MODES_MAX).await?))
            })
        });
        let (special, modes) = read.await?;
        let standing = duty.standing(caller.sender.account, now);
        let week = shop.week(now);
        let opens_at = duty.next_opening(now).filter(|opens| *opens != now);
        Ok(wire::DutyPlan {
            zone: shop.setting("zone", now).to_owned(),
            now: now.micros(),
            week: (0..7).map(|day| show_windows(week.day(day))).collect(),
            is_set: shop.has_hours(),
            day_shift: shop.setting("day_shift", now).to_owned(),
            night_shift: shop.setting("night_shift", now).to_owned(),
            roster_min: shop.number("roster_min", now),
            is_open: duty.is_open(now),
            opens_at: opens_at.map(Timestamp::micros),
            closes_at: duty.calendar.closes_at(now).map(Timestamp::micros),
            binds: shop.is_on("roster_binds", now),
            on_duty: standing.is_on(),
            why: standing.why().code.to_owned(),
            special: special.into_iter().map(special_shown).collect(),
            modes: modes.into_iter().filter_map(|mode| mode_shown(&mode, now)).collect(),
        })
    }

    /// Sets the hours of service from now on.
    ///
    /// # Errors
    /// `bad_request` with the field; the database.
    pub async fn set_hours(&self, shop: &Shop, body: &wire::HoursBody) -> Result<(), AppError> {
        let text = body.week.join(";");
        if body.week.len() != 7 || Week::parse(&text).is_err() {
            return Err(AppError::bad_field("week"));
        }
        let shifts = [("day_shift", &body.day_shift), ("night_shift", &body.night_shift)];
        for (field, spans) in shifts {
            if spans.as_deref().is_some_and(|text| parse_windows(text).is_err()) {
                return Err(AppError::bad_field(field));
            }
        }
        let now = self.clock.now();
        let set = async |name: &str, value: &str| {
            if shop.setting(name, now) == value {
                Ok(())
            } else {
                self.set_setting(shop, name, value).await
            }
        };
        set("duty_hours", &text).await?;
        for (name, spans) in shifts {
            if let Some(spans) = spans {
                set(name, spans.trim()).await?;
            }
        }
        if let Some(min) = body.roster_min {
            set("roster_min", &min.to_string()).await?;
        }
        self.plan_changed(shop.id).await
    }

    /// A new holiday or exception.
    ///
    /// # Errors
    /// `bad_request` with the field; the database.
    pub async fn add_special_day(
        &self,
        shop: ShopId,
        caller: &Caller,
        body: &wire::SpecialDayBody,
    ) -> Result<wire::SpecialDay, AppError> {
        let day = |text: &str, field| Day::parse(text).ok_or_else(|| AppError::bad_field(field));
        let (first, last) = (day(&body.first, "first")?, day(&body.last, "last")?);
        if !(0..HOLIDAY_DAYS_MAX).contains(&last.days_since(first)) {
            return Err(AppError::bad_field("last"));
        }
        let windows = parse_windows(&body.spans).map_err(|_| AppError::bad_field("spans"))?;
        let name = body.name.trim().to_owned();
        if name.chars().count() > NAME_CHARS_MAX || name.chars().any(char::is_control) {
            return Err(AppError::bad_field("name"));
        }
        let days = SpecialDays { first, last, windows };
        let (by, now) = (caller.sender.account, self.clock.now());
        let is = json!({ "first": body.first, "last": body.last, "spans": body.spans });
        let note = self.audit(Note::of(AuditKind::SettingChanged).on("special_day").is(&is));
        let write = self.db.write(move |tx| {
            let (days, name, note) = (days.clone(), name.clone(), note.clone());
            Box::pin(async move {
                let id = store::insert_special(tx, shop, &days, &name, by, now).await?;
                note.write(tx, shop).await?;
                Ok::<_, AppError>(special_shown(StoredSpecial { id, days, name }))
            })
        });
        let made = write.await?;
        self.plan_changed(shop).await?;
        Ok(made)
    }

    /// A day is like the others again.
    ///
    /// # Errors
    /// `not_found`; the database.
    pub async fn remove_special_day(&self, shop: ShopId, id: SpecialDayId) -> Result<(), AppError> {
        let was = json!({ "id": id.get() });
        let note = self.audit(Note::of(AuditKind::SettingChanged).on("special_day").was(&was));
        let write = self.db.write(move |tx| {
            let note = note.clone();
            Box::pin(async move {
                if !store::delete_special(tx, shop, id).await? {
                    return Err(AppError::refused(ErrorCode::NotFound));
                }
                note.write(tx, shop).await?;
                Ok(())
            })
        });
        write.await?;
        self.plan_changed(shop).await
    }

    /// A new mode.
    ///
    /// # Errors
    /// `bad_request` with the field; the database.
    pub async fn add_mode(
        &self,
        shop: ShopId,
        caller: &Caller,
        body: &wire::ModeBody,
    ) -> Result<wire::Mode, AppError> {
        let mode = parse_mode(ModeId::new(0), body)?;
        let (by, now) = (caller.sender.account, self.clock.now());
        let note = self.audit(mode_note(&mode));
        let write = self.db.write(move |tx| {
            let (mode, note) = (mode.clone(), note.clone());
            Box::pin(async move {
                let id = store::insert_mode(tx, shop, &mode, by, now).await?;
                note.write(tx, shop).await?;
                Ok::<_, AppError>(StoredMode { id, ..mode })
            })
        });
        let made = write.await?;
        self.plan_changed(shop).await?;
        mode_shown(&made, now).ok_or_else(|| AppError::refused(ErrorCode::Internal))
    }

    /// Writes a mode anew that is not over.
    ///
    /// # Errors
    /// As [`App::add_mode`], and `not_found`.
    pub async fn change_mode(
        &self,
        shop: ShopId,
        id: ModeId,
        body: &wire::ModeBody,
    ) -> Result<wire::Mode, AppError> {
        let (mode, now) = (parse_mode(id, body)?, self.clock.now());
        let note = self.audit(mode_note(&mode));
        let write = self.db.write(move |tx| {
            let (mode, note) = (mode.clone(), note.clone());
            Box::pin(async move {
                if !store::update_mode(tx, shop, &mode).await? {
                    return Err(AppError::refused(ErrorCode::NotFound));
                }
                note.write(tx, shop).await?;
                Ok(mode)
            })
        });
        let changed = write.await?;
        self.plan_changed(shop).await?;
        mode_shown(&changed, now).ok_or_else(|| AppError::refused(ErrorCode::Internal))
    }

    /// Switches a mode off now.
    ///
    /// # Errors
    /// `not_found` when it is over anyway.
    pub async fn end_mode(&self, shop: ShopId, id: ModeId) -> Result<(), AppError> {
        let now = self.clock.now();
        let was = json!({ "id": id.get() });
        let note = self.audit(Note::of(AuditKind::SettingChanged).on("mode").was(&was));
        let write = self.db.write(move |tx| {
            let note = note.clone();
            Box::pin(async move {
                if !store::end_mode(tx, shop, id, now).await? {
                    return Err(AppError::refused(ErrorCode::NotFound));
                }
                note.write(tx, shop).await?;
                Ok(())
            })
        });
        write.await?;
        self.plan_changed(shop).await
    }

    /// Hours, roster or modes changed: buyers hear of it, and whoever can be served by it is placed.
    pub(super) async fn plan_changed(&self, shop: ShopId) -> Result<(), AppError> {
        self.duties.forget(shop);
        self.tell_duty(shop).await?;
        self.give_seats_on(shop).await;
        Ok(())
    }
}

fn special_shown(stored: StoredSpecial) -> wire::SpecialDay {
    wire::SpecialDay {
        id: stored.id.get(),
        first: stored.days.first.to_string(),
        last: stored.days.last.to_string(),
        spans: show_windows(&stored.days.windows),
        name: stored.name,
    }
}

fn mode_note(mode: &StoredMode) -> Note {
    let is =
        json!({ "kind": mode.kind, "from": mode.starts_at.micros(), "to": mode.ends_at.micros() });
    Note::of(AuditKind::SettingChanged).on("mode").is(&is)
}

fn parse_mode(id: ModeId, body: &wire::ModeBody) -> Result<StoredMode, AppError> {
    let kind = ModeKind::parse(&body.kind).ok_or_else(|| AppError::bad_field("kind"))?;
    let mode = Mode {
        kind,
        starts_at: Timestamp::from_micros(body.starts_at),
        ends_at: Timestamp::from_micros(body.ends_at),
        ended_at: None,
        cap_percent: body.cap_percent,
    };
    if !mode.is_sound() {
        return Err(AppError::bad_field("ends_at"));
    }
    let fits = |text: &str, max| text.chars().count() <= max;
    for (field, text) in [("text_zh", &body.text_zh), ("text_en", &body.text_en)] {
        if !fits(text, MODE_TEXT_CHARS_MAX) {
            return Err(AppError::bad_field(field));
        }
    }
    let checks_fit = body.checks.iter().all(|check| fits(&check.text, CHECK_CHARS_MAX));
    if body.checks.len() > CHECKS_MAX || !checks_fit {
        return Err(AppError::bad_field("checks"));
    }
    let document = serde_json::to_string(body).map_err(|_| AppError::bad_field("body"))?;
    let (starts_at, ends_at) = (mode.starts_at, mode.ends_at);
    Ok(StoredMode {
        id,
        kind: kind.word().to_owned(),
        starts_at,
        ends_at,
        ended_at: None,
        document,
    })
}

pub(super) fn read_mode(stored: &StoredMode) -> Option<(Mode, wire::ModeBody)> {
    let body: wire::ModeBody = serde_json::from_str(&stored.document).ok()?;
    let mode = Mode {
        kind: ModeKind::parse(&stored.kind)?,
        starts_at: stored.starts_at,
        ends_at: stored.ends_at,
        ended_at: stored.ended_at,
        cap_percent: body.cap_percent,
    };
    Some((mode, body))
}

fn mode_shown(stored: &StoredMode, now: Timestamp) -> Option<wire::Mode> {
    let (mode, body) = read_mode(stored)?;
    let ended_at = stored.ended_at.map(Timestamp::micros);
    Some(wire::Mode { id: stored.id.get(), is_on: mode.holds(now), ended_at, body })
}
