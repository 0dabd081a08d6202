//! Use cases, one file a verb: authorise, open the transaction, let the domain decide, store with the journal, commit,
//! publish. Must never speak HTTP, hold SQL, or decide a rule.

mod ambient;
pub mod chat;
pub mod customers;
mod error;
pub mod figures;
pub mod followers;
mod frame;
mod limits;
pub mod orders;
pub mod phrases;
pub mod platform;
pub mod quality;
pub mod routing;
mod secret;
mod tasks;
pub mod team;

use std::sync::Arc;

pub use ambient::{Chance, Clock, salts};
pub use error::AppError;
pub use frame::frame;
pub use limits::Limits;
pub use secret::Secret;
pub use tasks::Tasks;
use xiaoer_bus::Bus;
use xiaoer_store::Db;

/// The house: what every use case works with. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The truth.
    pub db: Db,
    /// Hints to whoever listens.
    pub bus: Bus,
    /// Time.
    pub clock: Clock,
    /// Chance.
    pub chance: Chance,
    /// Limits.
    pub limits: Limits,
    /// Background work.
    pub tasks: Tasks,
    /// Addresses of attachments.
    pub(crate) links: chat::links::Links,
    /// What lies behind them.
    pub(crate) files: chat::Files,
    actor: platform::audit::Actor,
    failures: Arc<team::tries::Failures>,
    sends: chat::SendQueue,
    shops: Arc<platform::Shops>,
    duty_told: Arc<chat::DutyTold>,
    duties: Arc<team::Duties>,
    viewings: Arc<chat::Viewings>,
    offers: Arc<routing::Offers>,
    places: Arc<routing::Places>,
    guards: Arc<quality::Guards>,
    trials: Arc<quality::Trials>,
    first_visit: Arc<platform::FirstVisit>,
    uploads: Arc<orders::Uploads>,
    webhooks: platform::Webhooks,
    today: Arc<figures::Today>,
}

impl App {
    /// Opens the house on a migrated database and starts the sender. Sweepers and followers are started apart.
    #[must_use]
    pub fn new(db: Db, clock: Clock, chance: Chance, limits: Limits) -> Self {
        let bus = Bus::local();
        let tasks = Tasks::new();
        let shops = Arc::new(platform::Shops::default());
        let links = chat::links::Links::new(chance.bytes(), clock.clone(), Arc::clone(&shops));
        let offers = Arc::<routing::Offers>::default();
        let duties = Arc::<team::Duties>::default();
        let hands = chat::Hands {
            db: db.clone(),
            bus: bus.clone(),
            clock: clock.clone(),
            chance: chance.clone(),
            links: links.clone(),
            offers: Arc::clone(&offers),
            shops: Arc::clone(&shops),
            duties: Arc::clone(&duties),
        };
        let sends = chat::SendQueue::start(hands, limits.send_queue_max, &tasks);
        let (actor, failures) = (platform::audit::Actor::HOUSE, Arc::default());
        let (duty_told, viewings) = (Arc::default(), Arc::default());
        let (guards, trials) = (Arc::default(), Arc::default());
        let files = chat::Files::default();
        let app = Self {
            db,
            bus,
            clock,
            chance,
            limits,
            tasks,
            links,
            files,
            actor,
            failures,
            sends,
            shops,
            duty_told,
            duties,
            viewings,
            offers,
            places: Arc::default(),
            guards,
            trials,
            first_visit: Arc::default(),
            uploads: Arc::default(),
            webhooks: platform::Webhooks::new(false),
            today: Arc::default(),
        };
        app.start_offers();
        app
    }
}
