//! Who may call what. Every handler's first argument is a gate; the routing functions here accept no other handler, so
//! a route without one does not compile.

use std::marker::PhantomData;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts, RawPathParams};
use axum::handler::Handler;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use axum::routing::MethodRouter;
use xiaoer_app::chat::BuyerCaller;
use xiaoer_app::platform::audit::{Actor, Via};
use xiaoer_app::platform::{Scope, Shop};
use xiaoer_app::team::{Caller, Origin, Proof};
use xiaoer_app::{App, AppError};
use xiaoer_domain::team::{Right, may};
use xiaoer_protocol::ErrorCode;
use xiaoer_store::team::security::SignedIn;

use crate::Server;
use crate::error::ApiError;

/// Cookie that carries a sign-in.
pub const COOKIE: &str = "xiaoer_session";

/// Something that decides who may pass.
pub trait Gate {}

/// Anybody, after a decision to let anybody.
pub struct Anybody;

/// A page of the shop's site, its origin checked. No visitor yet.
pub struct Guest {
    /// The shop.
    pub shop: Arc<Shop>,
}

/// A visitor with a token.
pub struct Buyer {
    /// The shop.
    pub shop: Arc<Shop>,
    /// Who.
    pub caller: BuyerCaller,
}

/// A person who signed in, in no particular shop.
pub struct Person {
    /// The sign-in and its account.
    pub who: SignedIn,
    /// The token that proves it.
    pub token: String,
    /// Where the request comes from.
    pub origin: Origin,
}

impl Person {
    /// The house, acting for this person.
    pub fn house(&self, server: &Server) -> App {
        server.app.by(Actor::desk(self.who.account.id, &self.origin.address))
    }
}

/// A gate for dangerous acts: behind the other gate, and password or code were given a short while ago. Use cases that
/// are dangerous ask for the proof, which nothing else hands out.
pub struct Fresh<G> {
    /// What the other gate found.
    pub gate: G,
    /// That the person is the person.
    pub proof: Proof,
}

/// A person of the shop with a right.
pub struct Staff<R> {
    /// The shop.
    pub shop: Arc<Shop>,
    /// Who, and which duties.
    pub caller: Caller,
    right: PhantomData<R>,
}

impl<R> Staff<R> {
    /// The house, acting for this person.
    pub fn house(&self, server: &Server) -> App {
        let account = Some(self.caller.sender.account);
        server.app.by(Actor { account, via: Via::Desk, address: None })
    }
}

/// A right as a type.
pub trait Needs {
    /// The right.
    const RIGHT: Right;
}

/// See conversations, buyers and orders.
pub struct Reading;
/// Speak to buyers, take, hand over, close.
pub struct Serving;
/// Steer who gets how many buyers.
pub struct Steer;

impl Needs for Steer {
    const RIGHT: Right = Right::SteerRouting;
}

/// Keep buyers out.
pub struct Blocking;

impl Needs for Blocking {
    const RIGHT: Right = Right::BlockBuyers;
}

/// Write the roster, pin notices.
pub struct Planning;
/// Change settings.
pub struct Managing;
/// Bring in orders.
pub struct Importing;

impl Needs for Planning {
    const RIGHT: Right = Right::PlanRoster;
}

impl Needs for Managing {
    const RIGHT: Right = Right::ManageShop;
}

impl Needs for Importing {
    const RIGHT: Right = Right::ImportOrders;
}

impl Needs for Reading {
    const RIGHT: Right = Right::ReadConversations;
}

impl Needs for Serving {
    const RIGHT: Right = Right::ServeBuyers;
}

/// A shop's own program, with a key that may bring orders.
pub struct Program {
    /// The shop.
    pub shop: Arc<Shop>,
    /// Row of the key.
    pub key: i64,
}

/// A shop's own program, with a key that may ask what became of orders.
pub struct ReadingProgram(pub Program);

impl FromRequestParts<Server> for Program {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, ApiError> {
        Self::with(parts, server, Scope::OrdersWrite).await
    }
}

impl Program {
    async fn with(parts: &mut Parts, server: &Server, scope: Scope) -> Result<Self, ApiError> {
        let key = authorization(&parts.headers, "Bearer ").map(str::to_owned);
        let key = key.ok_or_else(|| ApiError::of(ErrorCode::NotSignedIn))?;
        let shop = shop_of(parts, server).await?;
        let key = server.app.program(shop.id, &key, scope).await?;
        Ok(Self { shop, key })
    }
}

impl FromRequestParts<Server> for ReadingProgram {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, ApiError> {
        Program::with(parts, server, Scope::OrdersRead).await.map(Self)
    }
}

impl Gate for Program {}
impl Gate for ReadingProgram {}
impl Gate for Anybody {}
impl Gate for Guest {}
impl Gate for Buyer {}
impl Gate for Person {}
impl<R: Needs> Gate for Staff<R> {}
impl<G: Gate> Gate for Fresh<G> {}

/// Arguments of a handler whose first one is a gate.
pub trait Guarded {}
impl<M, G: Gate> Guarded for (M, G) {}
impl<M, G: Gate, A> Guarded for (M, G, A) {}
impl<M, G: Gate, A, B> Guarded for (M, G, A, B) {}
impl<M, G: Gate, A, B, C> Guarded for (M, G, A, B, C) {}
impl<M, G: Gate, A, B, C, D> Guarded for (M, G, A, B, C, D) {}

macro_rules! guarded {
    ($($(#[$doc:meta])* $method:ident;)*) => {$(
        $(#[$doc])*
        #[expect(clippy::disallowed_methods, reason = "this is the guarded door to it")]
        pub fn $method<H, T>(handler: H) -> MethodRouter<Server>
        where
            H: Handler<T, Server>,
            T: Guarded + 'static,
        {
            axum::routing::$method(handler)
        }
    )*};
}

guarded! {
    /// A guarded GET.
    get;
    /// A guarded POST.
    post;
    /// A guarded PUT.
    put;
}

impl FromRequestParts<Server> for Anybody {
    type Rejection = ApiError;

    async fn from_request_parts(_: &mut Parts, _: &Server) -> Result<Self, ApiError> {
        Ok(Self)
    }
}

impl FromRequestParts<Server> for Guest {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, ApiError> {
        let shop = shop_of(parts, server).await?;
        check_shop_origin(&shop, &parts.headers, server)?;
        Ok(Self { shop })
    }
}

impl FromRequestParts<Server> for Buyer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, ApiError> {
        let Guest { shop } = Guest::from_request_parts(parts, server).await?;
        let token = authorization(&parts.headers, "Visitor ");
        let token = token.ok_or_else(|| ApiError::of(ErrorCode::NotSignedIn))?;
        let caller = server.app.buyer_caller(shop.id, token).await?;
        Ok(Self { shop, caller })
    }
}

impl FromRequestParts<Server> for Person {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, ApiError> {
        let token = staff_token(parts, server)?;
        let who = server.app.signed_in(&token).await?;
        Ok(Self { who, token, origin: origin(parts, server) })
    }
}

impl<G: Gate + Send + FromRequestParts<Server, Rejection = ApiError>> FromRequestParts<Server>
    for Fresh<G>
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, ApiError> {
        // The other gate first: who may not pass at all is not asked for a password.
        let gate = G::from_request_parts(parts, server).await?;
        let who = server.app.signed_in(&staff_token(parts, server)?).await?;
        let proof = server.app.proof(&who).await?;
        Ok(Self { gate, proof })
    }
}

impl<R: Needs> FromRequestParts<Server> for Staff<R> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, ApiError> {
        let token = staff_token(parts, server)?;
        let shop = shop_of(parts, server).await?;
        let caller = staff(server, &shop, &token, R::RIGHT).await?;
        Ok(Self { shop, caller, right: PhantomData })
    }
}

/// The caller behind a token, if the duties include the right.
pub async fn staff(
    server: &Server,
    shop: &Shop,
    token: &str,
    right: Right,
) -> Result<Caller, ApiError> {
    let caller = server.app.caller(shop.id, token).await?;
    if !caller.has_factor && shop.demands_factor(&caller.roles, server.app.clock.now()) {
        return Err(ApiError::of(ErrorCode::SecondFactorDemanded));
    }
    if caller.password_is_given {
        return Err(ApiError::of(ErrorCode::PasswordChangeDemanded));
    }
    if !may(&caller.roles, right) {
        return Err(AppError::forbidden(right).into());
    }
    Ok(caller)
}

/// Where a request comes from. What a proxy says of it counts only if the proxy is one of ours.
pub fn origin(parts: &Parts, server: &Server) -> Origin {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let text = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let is_proxy = |ip: &IpAddr| ip.is_loopback() || server.config.server.proxies.contains(ip);
    let told = text("x-forwarded-for").filter(|_| peer.as_ref().is_some_and(is_proxy));
    let told = told.and_then(|list| list.rsplit(',').next()?.trim().parse::<IpAddr>().ok());
    let address = told.or(peer).map(|ip| ip.to_canonical().to_string()).unwrap_or_default();
    Origin { address, device: text("user-agent").unwrap_or_default().to_owned() }
}

impl FromRequestParts<Server> for Origins {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, ApiError> {
        Ok(Self(origin(parts, server)))
    }
}

/// Where a request comes from, as an argument of a handler.
pub struct Origins(pub Origin);

/// The token of a cookie or bearer. A cookie counts only for requests of our own pages.
pub fn staff_token(parts: &Parts, server: &Server) -> Result<String, ApiError> {
    if let Some(token) = authorization(&parts.headers, "Bearer ") {
        return Ok(token.to_owned());
    }
    let token = cookie(&parts.headers).ok_or_else(|| ApiError::of(ErrorCode::NotSignedIn))?;
    let reads = matches!(parts.method, Method::GET | Method::HEAD) && !is_upgrade(&parts.headers);
    if !reads && !is_own_origin(&parts.headers, server) {
        return Err(ApiError::of(ErrorCode::OriginRefused));
    }
    Ok(token.to_owned())
}

/// A page of the shop may speak for buyers if its origin is on the shop's list, or is our own.
pub fn check_shop_origin(
    shop: &Shop,
    headers: &HeaderMap,
    server: &Server,
) -> Result<(), ApiError> {
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
    let admitted = origin.to_str().is_ok_and(|o| shop.admits_origin(o, server.app.clock.now()));
    if admitted || is_own_origin(headers, server) {
        return Ok(());
    }
    Err(ApiError::of(ErrorCode::OriginRefused))
}

/// Whether the request comes from a page that this server served: its origin's host is the host asked for.
/// Clients that are no browsers send no origin, and no cookie by themselves either.
fn is_own_origin(headers: &HeaderMap, server: &Server) -> bool {
    let Some(origin) = headers.get(header::ORIGIN).and_then(|o| o.to_str().ok()) else {
        return true;
    };
    if server
        .config
        .server
        .public_url
        .as_deref()
        .is_some_and(|url| url.trim_end_matches('/') == origin)
    {
        return true;
    }
    let host = headers.get(header::HOST).and_then(|h| h.to_str().ok());
    let origin_host = origin.split_once("://").map(|(_, host)| host);
    host.is_some() && host == origin_host
}

fn is_upgrade(headers: &HeaderMap) -> bool {
    headers.contains_key(header::UPGRADE)
}

fn authorization<'h>(headers: &'h HeaderMap, scheme: &str) -> Option<&'h str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix(scheme).map(str::trim)
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|c| c.to_str().ok());
    cookies
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, value)| *name == COOKIE && !value.is_empty())
        .map(|(_, value)| value)
}

/// The shop named in the path.
pub async fn shop_of(parts: &mut Parts, server: &Server) -> Result<Arc<Shop>, ApiError> {
    let params = RawPathParams::from_request_parts(parts, server).await;
    let params = params.map_err(|_| ApiError(AppError::bad_field("path")))?;
    let key = params.iter().find(|(name, _)| *name == "shop").map(|(_, key)| key.to_owned());
    let key = key.ok_or_else(|| ApiError::of(ErrorCode::NotFound))?;
    Ok(server.app.shop(&key).await?)
}
