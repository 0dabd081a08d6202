//! The server through its doors: HTTP and WebSockets as docs/PROTOCOL.md describes them, on both databases.

#![expect(clippy::unwrap_used, reason = "a failing test may panic")]

mod support;
mod webhooks;

mod aside;
mod auto_replies;
mod backup;
mod blocks;
mod bulk;
mod calls;
mod care;
mod desk;
mod duty;
mod evidence;
mod fallback;
mod figures;
mod files;
mod first_visit;
mod frames;
mod handover;
mod hostile;
mod identity;
mod imports;
mod init;
mod life;
mod people;
mod phrases;
mod privacy;
mod products;
mod programs;
mod promises;
mod quality;
mod reading;
mod requests;
mod rich;
mod rights;
mod routing;
mod security;
mod sessions;
mod sim;
mod staffing;
