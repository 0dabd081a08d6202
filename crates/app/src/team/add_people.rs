//! Adding people to a shop, one or a whole table at once: all of them or nobody, each fault named by its line.

use std::collections::HashSet;

use xiaoer_domain::id::ShopId;
use xiaoer_domain::team::{Role, may_appoint};
use xiaoer_protocol::ErrorCode;
use xiaoer_protocol::id;
use xiaoer_protocol::team::people as wire;
use xiaoer_store::team::{self as store, people};

use super::people::{CAP_MAX, parse_roles};
use super::people_table::{self, Line};
use super::{Caller, NewAccount, Proof};
use crate::platform::audit::{AuditKind, Note};
use crate::{App, AppError};

/// Most people added at once: a password is hashed for each.
pub const ADDED_MAX: usize = 200;

/// Somebody whose line is in order.
#[derive(Clone)]
struct Fine {
    new: NewAccount,
    roles: Vec<Role>,
    cap: i64,
}

impl App {
    /// Looks at a table of people: what would be added, and what is wrong with which line.
    ///
    /// # Errors
    /// `too_many`; when the database does not answer.
    pub async fn try_people(
        &self,
        caller: &Caller,
        table: &wire::PeopleTable,
    ) -> Result<wire::PeopleLines, AppError> {
        let lines = self.judge(caller, read(table)?).await?;
        Ok(wire::PeopleLines { lines: lines.into_iter().map(|(line, _)| line).collect() })
    }

    /// Adds everybody of a table, with passwords that are told for the only time.
    ///
    /// # Errors
    /// `bad_request` with `params.lines` when a line is not in order: then nobody is added. `too_many`.
    pub async fn add_people(
        &self,
        shop: ShopId,
        caller: &Caller,
        _proof: &Proof,
        table: &wire::PeopleTable,
    ) -> Result<wire::PeopleAdded, AppError> {
        let judged = self.judge(caller, read(table)?).await?;
        let fine: Option<Vec<Fine>> = judged.iter().map(|(_, fine)| fine.clone()).collect();
        let Some(fine) = fine.filter(|fine| !fine.is_empty()) else {
            let faulty: Vec<_> = judged.into_iter().map(|(line, _)| line).collect();
            let params = serde_json::json!({ "field": "table", "lines": faulty });
            return Err(AppError::Refused { code: ErrorCode::BadRequest, params: Some(params) });
        };
        let mut hashed = Vec::with_capacity(fine.len());
        let mut passwords = Vec::with_capacity(fine.len());
        for one in fine {
            let password = self.fresh_password();
            let hash = self.hash_password(&one.new.login, &password).await?;
            let (login, name) = (one.new.login.clone(), one.new.name.clone());
            passwords.push(wire::GivenPassword { login, name, password });
            hashed.push((one, hash));
        }
        self.store_people(shop, hashed).await?;
        Ok(wire::PeopleAdded { passwords })
    }

    async fn store_people(
        &self,
        shop: ShopId,
        hashed: Vec<(Fine, String)>,
    ) -> Result<(), AppError> {
        let (hashed, now, app) = (std::sync::Arc::new(hashed), self.clock.now(), self.clone());
        self.db
            .write(move |tx| {
                let (hashed, app) = (std::sync::Arc::clone(&hashed), app.clone());
                Box::pin(async move {
                    for (one, hash) in hashed.iter() {
                        let (new, roles) = (&one.new, &one.roles);
                        let made =
                            store::insert_account(tx, &new.login, &new.name, &new.lang, hash, now);
                        let made = made.await.map_err(super::login_taken)?;
                        people::note_password_given(tx, made, Some(now)).await?;
                        store::set_membership(tx, shop, made, one.cap, roles, now).await?;
                        let words: Vec<_> = roles.iter().map(|role| role.word()).collect();
                        let note = Note::of(AuditKind::AccountMade).on(id::account(made));
                        let note = note.is(&serde_json::json!({ "roles": words, "cap": one.cap }));
                        app.audit(note).write(tx, shop).await?;
                    }
                    Ok::<_, AppError>(())
                })
            })
            .await
    }

    /// Each line with what is wrong with it, or with whom it adds.
    async fn judge(
        &self,
        caller: &Caller,
        lines: Vec<Line>,
    ) -> Result<Vec<(wire::PeopleLine, Option<Fine>)>, AppError> {
        let logins: Vec<String> = lines.iter().map(|line| line.login.clone()).collect();
        let taken = self
            .db
            .read(move |tx| {
                let logins = logins.clone();
                Box::pin(async move {
                    let mut taken = HashSet::new();
                    for login in logins {
                        // PostgreSQL does not take every character; no login has one of those.
                        if login.is_ascii() && store::find_account(tx, &login).await?.is_some() {
                            taken.insert(login);
                        }
                    }
                    Ok::<_, AppError>(taken)
                })
            })
            .await?;
        let mut seen = HashSet::new();
        let judged = lines.into_iter().map(|line| {
            let is_twice = !seen.insert(line.login.clone());
            judge_line(&caller.roles, line, &taken, is_twice)
        });
        Ok(judged.collect())
    }
}

fn read(table: &wire::PeopleTable) -> Result<Vec<Line>, AppError> {
    let lines = people_table::read(&table.table);
    if lines.len() > ADDED_MAX {
        let params = serde_json::json!({ "max": ADDED_MAX });
        return Err(AppError::Refused { code: ErrorCode::TooMany, params: Some(params) });
    }
    Ok(lines)
}

fn judge_line(
    actor: &[Role],
    line: Line,
    taken: &HashSet<String>,
    is_twice: bool,
) -> (wire::PeopleLine, Option<Fine>) {
    let mut faults = Vec::new();
    let mut fault = |field: &str, code: &str| {
        faults.push(wire::LineFault { field: field.to_owned(), code: code.to_owned() });
    };
    let new = NewAccount {
        login: line.login.clone(),
        name: line.name.clone(),
        lang: line.lang.clone(),
        password: String::new(),
    };
    for field in new.wrong_fields() {
        fault(field, "wrong");
    }
    if taken.contains(&line.login) {
        fault("login", "taken");
    } else if is_twice {
        fault("login", "twice");
    }
    let roles = parse_roles(&line.roles).filter(|roles| !roles.is_empty());
    match &roles {
        None => fault("roles", "wrong"),
        Some(roles) if !may_appoint(actor, &[], roles) => fault("roles", "forbidden"),
        Some(_) => {}
    }
    let cap = line.cap.parse::<i64>().ok().filter(|cap| (1..=CAP_MAX).contains(cap));
    if cap.is_none() {
        fault("cap", "wrong");
    }
    let fine = match (roles, cap) {
        (Some(roles), Some(cap)) if faults.is_empty() => Some(Fine { new, roles, cap }),
        _ => None,
    };
    let shown = wire::PeopleLine {
        line: line.number,
        login: line.login,
        name: line.name,
        roles: line.roles,
        cap: line.cap,
        lang: line.lang,
        faults,
    };
    (shown, fine)
}
