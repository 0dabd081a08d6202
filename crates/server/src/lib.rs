//! The doors: HTTP routes, WebSocket sessions, the embedded web app, configuration and command line.
//! Must hold no SQL and no rule: parse, name the right, call a use case, answer.

pub mod cli;
pub mod config;
mod connections;
mod error;
mod gate;
mod local;
mod pace;
mod routes;
mod serve;
mod web;
mod ws;

pub use serve::{Running, start};

use std::sync::Arc;

use axum::extract::FromRef;
use xiaoer_app::App;

use crate::config::Config;
use crate::connections::Connections;
use crate::pace::Pace;

/// What every handler works with. Cheap to clone.
#[derive(Clone)]
pub struct Server {
    /// The house.
    pub app: App,
    /// The configuration.
    pub config: Arc<Config>,
    pub(crate) connections: Arc<Connections>,
    pub(crate) pace: Arc<Pace>,
    pub(crate) metrics: metrics_exporter_prometheus::PrometheusHandle,
}

impl FromRef<Server> for App {
    fn from_ref(server: &Server) -> Self {
        server.app.clone()
    }
}
