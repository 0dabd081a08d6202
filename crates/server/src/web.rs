//! The web app inside the binary: the desk, the widget, the phone page and the demonstration page.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use rust_embed::RustEmbed;
use tower_http::compression::CompressionLayer;

use crate::Server;
use crate::gate::{Anybody, get};

#[derive(RustEmbed)]
#[folder = "../../web/apps/desk/dist"]
#[allow_missing = true]
struct Desk;

#[derive(RustEmbed)]
#[folder = "../../web/apps/widget/dist"]
#[allow_missing = true]
struct Widget;

/// Routes of pages and their parts.
pub fn router() -> Router<Server> {
    Router::new()
        .route("/", get(home))
        .route("/first-visit", get(first_visit))
        .route("/desk", get(home))
        .route("/desk/", get(desk_home))
        .route("/desk/{*path}", get(desk))
        .route("/chat/{shop}", get(chat))
        .route("/shop", get(shop))
        .route("/widget.js", get(widget_script))
        .route("/widget-assets/{*path}", get(widget_part))
        .layer(CompressionLayer::new())
        .fallback(missing)
}

/// A house without a shop has one page: the one that makes it.
async fn home(_: Anybody, State(server): State<Server>) -> Redirect {
    // A database that does not answer is told by the desk, in its own words.
    let has_shop = server.app.has_shop().await.unwrap_or(true);
    Redirect::temporary(if has_shop { "/desk/" } else { "/first-visit" })
}

/// The page that makes the first shop; with a shop there is no such page.
async fn first_visit(_: Anybody, State(server): State<Server>) -> Response {
    if server.app.has_shop().await.unwrap_or(true) {
        return Redirect::temporary("/desk/").into_response();
    }
    page(Desk::get("index.html"))
}

async fn missing() -> Response {
    (StatusCode::NOT_FOUND, "There is no such page here.\n").into_response()
}

/// The desk's own page, once there is a shop to work in.
async fn desk_home(_: Anybody, State(server): State<Server>, request: Request) -> Response {
    if !server.app.has_shop().await.unwrap_or(true) {
        return Redirect::temporary("/first-visit").into_response();
    }
    desk(Anybody, request).await
}

/// The desk's files; every other path below it is a view of the desk itself.
async fn desk(_: Anybody, request: Request) -> Response {
    let path = request.uri().path().trim_start_matches("/desk").trim_start_matches('/');
    match Desk::get(path) {
        Some(file) if path == "index.html" || UNHASHED.contains(&path) => page_part(path, file),
        Some(file) => part(path, file),
        None if path.starts_with("assets/") => missing().await,
        None => page(Desk::get("index.html")),
    }
}

async fn chat(_: Anybody) -> Response {
    page(Widget::get("chat.html"))
}

async fn shop(_: Anybody) -> Response {
    page(Widget::get("shop.html"))
}

async fn widget_script(_: Anybody) -> Response {
    let Some(file) = Widget::get("widget.js") else { return not_built() };
    let mut response = part("widget.js", file);
    // Shops' pages embed it under one name: new versions should arrive within minutes.
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    response
}

async fn widget_part(_: Anybody, request: Request) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    match Widget::get(path) {
        Some(file) => part(path, file),
        None => missing().await,
    }
}

/// Files of the desk whose names stay while their content changes with an upgrade.
const UNHASHED: &[&str] = &["sw.js", "manifest.webmanifest"];

fn page(file: Option<rust_embed::EmbeddedFile>) -> Response {
    let Some(file) = file else { return not_built() };
    page_part("index.html", file)
}

/// A file that browsers ask for anew each time.
fn page_part(path: &str, file: rust_embed::EmbeddedFile) -> Response {
    let mut response = part(path, file);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

fn not_built() -> Response {
    (StatusCode::NOT_FOUND, "The web app is not built; run `make run`.\n").into_response()
}

/// A file as it is; names carry a hash of the content, so they never change.
fn part(path: &str, file: rust_embed::EmbeddedFile) -> Response {
    let mime = file.metadata.mimetype().to_owned();
    let mime = if path.ends_with(".js") { "text/javascript".to_owned() } else { mime };
    let mut response = file.data.into_owned().into_response();
    let headers = response.headers_mut();
    let text = mime.starts_with("text/") || mime.ends_with("json");
    let mime = if text { format!("{mime}; charset=utf-8") } else { mime };
    if let Ok(mime) = HeaderValue::from_str(&mime) {
        headers.insert(header::CONTENT_TYPE, mime);
    }
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=31536000, immutable"),
    );
    // Parts of the widget are modules that shops' pages load from here.
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    response
}

/// What our own pages may do, and headers that every answer carries.
const POLICY: &str = "default-src 'self'; img-src 'self' data: blob:; connect-src 'self' ws: wss:; \
    object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Adds security headers.
pub async fn headers(request: Request, next: Next) -> Response {
    // The phone page may stand in a shop's own frame or mini-program view.
    let framed = request.uri().path().starts_with("/chat/");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let policy =
        if framed { POLICY.replace("; frame-ancestors 'none'", "") } else { POLICY.to_owned() };
    // What somebody uploaded brings a stricter one of its own.
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("strict-origin-when-cross-origin"),
    );
    response
}
