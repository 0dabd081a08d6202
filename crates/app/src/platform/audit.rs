//! The audit log: who did what, when, from where, on what. Written in the transaction of the act; codes and ids only.

use serde_json::Value;
use xiaoer_domain::id::{AccountId, ShopId};
use xiaoer_domain::time::Timestamp;
use xiaoer_store::platform::audit::{self as store, NewAudit};
use xiaoer_store::{StoreError, Tx};

use crate::App;

/// By which door somebody acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// A page or program, signed in.
    Desk,
    /// A command on the server's own machine.
    Terminal,
    /// The house itself.
    House,
}

impl Via {
    const fn word(self) -> &'static str {
        match self {
            Self::Desk => "desk",
            Self::Terminal => "terminal",
            Self::House => "house",
        }
    }
}

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The account; None at the terminal and for the house.
    pub account: Option<AccountId>,
    /// By which door.
    pub via: Via,
    /// The network address they come from.
    pub address: Option<String>,
}

impl Actor {
    /// The house itself.
    pub const HOUSE: Self = Self { account: None, via: Via::House, address: None };
    /// Somebody at the terminal of the server.
    pub const TERMINAL: Self = Self { account: None, via: Via::Terminal, address: None };

    /// Somebody who is signed in.
    #[must_use]
    pub fn desk(account: AccountId, address: &str) -> Self {
        Self { account: Some(account), via: Via::Desk, address: Some(address.to_owned()) }
    }
}

macro_rules! audit_kinds {
    ($($(#[$doc:meta])* $name:ident, $word:literal;)*) => {
        /// What the log knows. A word never changes its meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum AuditKind { $($(#[$doc])* $name,)* }

        impl AuditKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The word in database and wire.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}

audit_kinds! {
    /// Somebody signed in.
    SignedIn, "signed_in";
    /// A wrong password or code.
    SignInFailed, "sign_in_failed";
    /// Somebody signed out.
    SignedOut, "signed_out";
    /// Sign-ins were ended by their owner.
    SignInsRevoked, "sign_ins_revoked";
    /// A second factor was taken into use.
    FactorOn, "factor_on";
    /// A second factor was taken off.
    FactorOff, "factor_off";
    /// New recovery codes were made.
    RecoveryCodesMade, "recovery_codes_made";
    /// A recovery code was used up.
    RecoveryCodeUsed, "recovery_code_used";
    /// A password was changed.
    PasswordChanged, "password_changed";
    /// An account was made.
    AccountMade, "account_made";
    /// An account was switched off.
    AccountOff, "account_off";
    /// An account was switched on.
    AccountOn, "account_on";
    /// Roles or cap in a shop changed.
    RolesChanged, "roles_changed";
    /// The installation's first shop was made.
    ShopMade, "shop_made";
    /// A key of a program was made.
    ApiKeyMade, "api_key_made";
    /// A key of a program was ended.
    ApiKeyRevoked, "api_key_revoked";
    /// A setting of the shop changed.
    SettingChanged, "setting_changed";
    /// Days of the roster were planned.
    RosterPlanned, "roster_planned";
    /// Cap, weight or pause of an agent changed.
    Steered, "steered";
    /// Somebody wants a buyer kept out.
    BlockProposed, "block_proposed";
    /// A buyer was kept out, or not.
    BlockDecided, "block_decided";
    /// A buyer may speak again.
    BlockLifted, "block_lifted";
    /// A skill group changed.
    GroupChanged, "group_changed";
    /// A rule of the guard, or a word of one, changed.
    GuardChanged, "guard_changed";
    /// A notice to staff was pinned.
    NoticePinned, "notice_pinned";
    /// Something began to be done to many conversations.
    BulkBegun, "bulk_begun";
    /// Orders were brought in.
    Imported, "imported";
    /// A program that is told what happens was added, changed or taken away.
    WebhookChanged, "webhook_changed";
    /// Somebody looked at a value that is shown masked.
    Revealed, "revealed";
    /// Somebody looked at unusually many of them.
    RevealAlarm, "reveal_alarm";
    /// What is known of a buyer was handed out.
    Exported, "exported";
    /// What is known of a buyer was put right.
    Corrected, "corrected";
    /// A buyer was erased.
    Erased, "erased";
    /// Old text was taken away.
    TextExpired, "text_expired";
}

/// One thing to be noted.
#[derive(Clone, Debug)]
pub struct Note {
    kind: AuditKind,
    target: Option<String>,
    before: Option<String>,
    after: Option<String>,
}

impl Note {
    /// Nothing but its kind.
    #[must_use]
    pub const fn of(kind: AuditKind) -> Self {
        Self { kind, target: None, before: None, after: None }
    }

    /// On what: an id or a code.
    #[must_use]
    pub fn on(self, target: impl Into<String>) -> Self {
        Self { target: Some(target.into()), ..self }
    }

    /// As it was.
    #[must_use]
    pub fn was(self, before: &Value) -> Self {
        Self { before: Some(before.to_string()), ..self }
    }

    /// As it is now.
    #[must_use]
    pub fn is(self, after: &Value) -> Self {
        Self { after: Some(after.to_string()), ..self }
    }
}

/// A note with its author and time, ready for the transaction of the act.
#[derive(Clone, Debug)]
pub struct Signed {
    actor: Actor,
    at: Timestamp,
    note: Note,
}

impl Signed {
    /// Writes it into a shop's log.
    ///
    /// # Errors
    /// When the database does not take it: then the act does not happen either.
    pub async fn write(&self, tx: &mut Tx, shop: ShopId) -> Result<(), StoreError> {
        store::insert(tx, Some(shop), &self.row()).await
    }

    /// Writes what concerns an account into the log of every shop where it works.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn write_for(&self, tx: &mut Tx, account: AccountId) -> Result<(), StoreError> {
        store::insert_everywhere(tx, account, &self.row()).await
    }

    /// Signs for somebody by name, where the house acts for many at once.
    #[must_use]
    pub const fn by(actor: Actor, at: Timestamp, note: Note) -> Self {
        Self { actor, at, note }
    }

    /// Who acts; None at the terminal and for the house.
    #[must_use]
    pub const fn account(&self) -> Option<AccountId> {
        self.actor.account
    }

    /// The same with something else noted as the outcome.
    #[must_use]
    pub fn with(&self, note: Note) -> Self {
        Self { note, ..self.clone() }
    }

    fn row(&self) -> NewAudit<'_> {
        NewAudit {
            at: self.at,
            account: self.actor.account,
            via: self.actor.via.word(),
            address: self.actor.address.as_deref(),
            kind: self.note.kind.word(),
            target: self.note.target.as_deref(),
            before: self.note.before.as_deref(),
            after: self.note.after.as_deref(),
        }
    }
}

impl App {
    /// The same house, acting for somebody: what it notes bears their name.
    #[must_use]
    pub fn by(&self, actor: Actor) -> Self {
        Self { actor, ..self.clone() }
    }

    /// A note by whoever acts, now.
    #[must_use]
    pub fn audit(&self, note: Note) -> Signed {
        Signed { actor: self.actor.clone(), at: self.clock.now(), note }
    }
}
