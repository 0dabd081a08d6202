//! Calling a program of the shop: one POST to one address, which is looked up once, judged, and then connected to by
//! number, so that no second look-up can answer otherwise.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, Uri};
use hyper_util::rt::TokioIo;
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use xiaoer_domain::hooks::is_public;

/// How long a call may take from the look-up to the first line of the answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Characters of an address.
const URL_CHARS_MAX: usize = 500;

/// Why there was no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HookFault {
    /// The address cannot be called.
    Address,
    /// It leads into this machine or its neighbourhood, which is not allowed.
    Private,
    /// Nobody has that name.
    Name,
    /// Nobody listens there.
    Connect,
    /// The other side could not show who it is.
    Tls,
    /// It took too long.
    Slow,
    /// What came back is no answer.
    Answer,
}

impl HookFault {
    /// The word in database and wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Private => "private",
            Self::Name => "name",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Slow => "slow",
            Self::Answer => "answer",
        }
    }
}

/// An address that may be called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookUrl {
    uri: Uri,
    is_secure: bool,
}

impl HookUrl {
    /// Reads `https://host[:port]/path`. Without encryption only where private addresses are allowed.
    ///
    /// # Errors
    /// [`HookFault::Address`], or [`HookFault::Private`] for a number that is not one of the internet.
    pub fn parse(text: &str, allows_private: bool) -> Result<Self, HookFault> {
        let uri: Uri = text.parse().map_err(|_| HookFault::Address)?;
        let is_secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") if allows_private => false,
            _ => return Err(HookFault::Address),
        };
        let authority = uri.authority().ok_or(HookFault::Address)?;
        let odd =
            text.len() > URL_CHARS_MAX || authority.as_str().contains('@') || text.contains('#');
        if odd || authority.host().is_empty() {
            return Err(HookFault::Address);
        }
        let url = Self { uri, is_secure };
        match url.host().parse() {
            Ok(number) if !allows_private && !is_public(number) => Err(HookFault::Private),
            _ => Ok(url),
        }
    }

    fn host(&self) -> &str {
        self.uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']')
    }

    fn port(&self) -> u16 {
        self.uri.port_u16().unwrap_or(if self.is_secure { 443 } else { 80 })
    }

    /// Looks the name up. One address that is not allowed makes the whole name suspect.
    async fn look_up(&self, allows_private: bool) -> Result<SocketAddr, HookFault> {
        let found = tokio::net::lookup_host((self.host(), self.port())).await;
        let found: Vec<SocketAddr> = found.map_err(|_| HookFault::Name)?.collect();
        if !allows_private && found.iter().any(|address| !is_public(address.ip())) {
            return Err(HookFault::Private);
        }
        found.into_iter().next().ok_or(HookFault::Name)
    }
}

/// Calls programs.
#[derive(Clone)]
pub struct HookCaller {
    tls: TlsConnector,
    allows_private: bool,
}

impl HookCaller {
    /// Trusts the authorities that browsers trust.
    ///
    /// # Panics
    /// Never: the compiled-in algorithms know the protocol's versions.
    #[must_use]
    pub fn new(allows_private: bool) -> Self {
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring knows these versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self { tls: TlsConnector::from(Arc::new(config)), allows_private }
    }

    /// Posts a body; gives the status of the answer. Redirects are not followed: they would lead around the check.
    ///
    /// # Errors
    /// Why there was no answer.
    pub async fn post(
        &self,
        url: &str,
        headers: &[(&'static str, String)],
        body: Vec<u8>,
    ) -> Result<u16, HookFault> {
        let url = HookUrl::parse(url, self.allows_private)?;
        let called = self.call(&url, headers, Bytes::from(body));
        tokio::time::timeout(PATIENCE, called).await.unwrap_or(Err(HookFault::Slow))
    }

    async fn call(
        &self,
        url: &HookUrl,
        headers: &[(&'static str, String)],
        body: Bytes,
    ) -> Result<u16, HookFault> {
        let address = url.look_up(self.allows_private).await?;
        let stream = TcpStream::connect(address).await.map_err(|_| HookFault::Connect)?;
        if !url.is_secure {
            return exchange(TokioIo::new(stream), url, headers, body).await;
        }
        let name = ServerName::try_from(url.host().to_owned()).map_err(|_| HookFault::Address)?;
        let stream = self.tls.connect(name, stream).await.map_err(|_| HookFault::Tls)?;
        exchange(TokioIo::new(stream), url, headers, body).await
    }
}

async fn exchange<S>(
    stream: S,
    url: &HookUrl,
    headers: &[(&'static str, String)],
    body: Bytes,
) -> Result<u16, HookFault>
where
    S: hyper::rt::Read + hyper::rt::Write + Unpin,
{
    let broken = |_| HookFault::Answer;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(stream).await.map_err(broken)?;
    let path = url.uri.path_and_query().map_or("/", |path| path.as_str());
    let host = url.uri.authority().map_or("", |authority| authority.as_str());
    let mut request = Request::post(path)
        .header("host", host)
        .header("user-agent", "xiaoer-webhook")
        .header("content-type", "application/json");
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    let request = request.body(Full::new(body)).map_err(|_| HookFault::Address)?;
    // The connection is driven beside the request and ends with it: nothing of the answer but its status is read.
    let answer = sender.send_request(request);
    tokio::pin!(answer, connection);
    let answer = tokio::select! {
        answer = &mut answer => answer,
        _ = &mut connection => answer.await,
    };
    Ok(answer.map_err(broken)?.status().as_u16())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_internet_are_called_and_only_encrypted() {
        for bad in [
            "",
            "shop.example",
            "ftp://shop.example/x",
            "http://shop.example/x",
            "https://a@shop.example/",
            "https:///x",
            "https://shop.example/#x",
            "javascript:alert(1)",
        ] {
            assert_eq!(HookUrl::parse(bad, false), Err(HookFault::Address), "{bad}");
        }
        for inner in [
            "https://127.0.0.1/x",
            "https://[::1]:8443/",
            "https://169.254.169.254/latest",
            "https://10.0.0.7",
        ] {
            assert_eq!(HookUrl::parse(inner, false), Err(HookFault::Private), "{inner}");
            assert!(HookUrl::parse(inner, true).is_ok(), "{inner}");
        }
        assert!(HookUrl::parse("https://shop.example:8443/hooks?x=1", false).is_ok());
        assert!(HookUrl::parse("http://127.0.0.1:9/x", true).is_ok());
    }

    #[test]
    fn a_name_that_leads_to_this_machine_is_not_called() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let caller = HookCaller::new(false);
        let called = caller.post("https://localhost:9/x", &[], Vec::new());
        assert_eq!(runtime.block_on(called), Err(HookFault::Private));
    }
}
