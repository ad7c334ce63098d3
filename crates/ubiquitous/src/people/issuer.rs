//! Logging in at the organisation's own issuer of tokens: OpenID Connect Core 1.0, the authorization code
//! flow with PKCE (RFC 7636). Who somebody is, the issuer says; what they may do and see, their account here.

mod fetch;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreIdTokenClaims, CoreProviderMetadata, CoreTokenResponse,
    CoreUserInfoClaims,
};
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, Scope, TokenResponse,
};

use fetch::Fetch;

/// How long what an issuer says of itself, its keys among it, is taken for true.
const METADATA_TIME: Duration = Duration::from_secs(10 * 60);

/// By which of the issuer's claims an account is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameClaim {
    /// The address, when the issuer says that it was verified.
    Email,
    /// The name that people gave themselves or were given there.
    PreferredUsername,
    /// The issuer's own, never used again.
    Sub,
}

impl NameClaim {
    /// All, by their names.
    pub const ALL: [(&'static str, Self); 3] = [
        ("email", Self::Email),
        ("preferred_username", Self::PreferredUsername),
        ("sub", Self::Sub),
    ];

    /// By its name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, claim)| *claim)
    }
}

/// What has to be known of an issuer.
#[derive(Clone)]
pub struct Settings {
    /// Its address, below which it describes itself.
    pub issuer: String,
    /// As what it knows this program.
    pub client_id: String,
    /// By what this program shows who it is; none for a public client.
    pub client_secret: Option<String>,
    /// By what accounts are found.
    pub claim: NameClaim,
    /// What people call it.
    pub title: String,
}

/// Why nobody is logged in.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The issuer does not answer, or says what makes no sense.
    #[error("the issuer does not answer as it should: {0}")]
    Unavailable(String),
    /// What came back is not what this program asked for.
    #[error("what the issuer gave does not hold: {0}")]
    Invalid(String),
}

/// What only the browser that began a login has; it comes back with the code.
#[derive(Clone, PartialEq, Eq)]
pub struct Secrets {
    /// Ties the way back to the way there.
    pub state: String,
    /// Ties the token to this login.
    pub nonce: String,
    /// Ties the code to whoever asked for it.
    pub verifier: String,
}

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// An issuer.
#[derive(Clone)]
pub struct Issuer {
    settings: Settings,
    fetch: Fetch,
    known: Arc<Mutex<Option<(Instant, CoreProviderMetadata)>>>,
}

impl Issuer {
    /// Nothing is asked yet.
    pub fn new(settings: Settings) -> Self {
        Self { settings, fetch: Fetch::new(), known: Arc::default() }
    }

    /// What people call it.
    pub fn title(&self) -> &str {
        &self.settings.title
    }

    /// Where a browser goes to log in, and what it keeps until it comes back to `redirect`. Blocks.
    ///
    /// # Errors
    /// When the issuer does not describe itself.
    pub fn begin(&self, redirect: &str) -> Result<(String, Secrets), Refused> {
        let client = self.client(self.metadata(METADATA_TIME)?, redirect)?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let scopes = ["email", "profile"].map(|one| Scope::new(one.to_owned()));
        let (url, state, nonce) = client
            .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
            .add_scopes(scopes)
            .set_pkce_challenge(challenge)
            .url();
        let secrets = Secrets {
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
        };
        Ok((url.into(), secrets))
    }

    /// The name of the account of whoever came back with a code. Blocks.
    ///
    /// # Errors
    /// When the code or the token for it does not hold, or says no name.
    pub fn finish(&self, redirect: &str, code: &str, secrets: &Secrets) -> Result<String, Refused> {
        let client = self.client(self.metadata(METADATA_TIME)?, redirect)?;
        let tokens = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|error| Refused::Unavailable(error.to_string()))?
            .set_pkce_verifier(PkceCodeVerifier::new(secrets.verifier.clone()))
            .request(&|request| self.fetch.call(request))
            .map_err(|error| Refused::Invalid(fetch::chain(&error)))?;
        let nonce = Nonce::new(secrets.nonce.clone());
        let claims = match checked(&client, &tokens, &nonce) {
            Ok(claims) => claims,
            // It may sign with a key that is newer than what was known of it.
            Err(_) => {
                let client = self.client(self.metadata(Duration::ZERO)?, redirect)?;
                checked(&client, &tokens, &nonce)?
            }
        };
        self.name_of(&client, &tokens, &claims)
    }

    fn name_of(
        &self,
        client: &Client,
        tokens: &CoreTokenResponse,
        claims: &CoreIdTokenClaims,
    ) -> Result<String, Refused> {
        let (address, name) = (claims.email(), claims.preferred_username());
        let found = match self.settings.claim {
            NameClaim::Sub => Some(claims.subject().to_string()),
            NameClaim::PreferredUsername => name.map(|one| one.to_string()),
            NameClaim::Email => {
                let is_verified = claims.email_verified() == Some(true);
                address.filter(|_| is_verified).map(|one| one.to_string())
            }
        };
        if let Some(found) = found {
            return Ok(found);
        }
        // Many issuers tell more where the token is shown than in it.
        let more: CoreUserInfoClaims = client
            .user_info(tokens.access_token().clone(), Some(claims.subject().clone()))
            .map_err(|error| Refused::Invalid(error.to_string()))?
            .request(&|request| self.fetch.call(request))
            .map_err(|error| Refused::Invalid(fetch::chain(&error)))?;
        let found = match self.settings.claim {
            NameClaim::Sub => None,
            NameClaim::PreferredUsername => more.preferred_username().map(|one| one.to_string()),
            NameClaim::Email => match (more.email(), more.email_verified()) {
                (Some(address), Some(true)) => Some(address.to_string()),
                (Some(_), _) => {
                    let reason = "the issuer does not say that the address was verified";
                    return Err(Refused::Invalid(reason.to_owned()));
                }
                (None, _) => None,
            },
        };
        found.ok_or_else(|| Refused::Invalid("the issuer gives no such claim".to_owned()))
    }

    fn client(&self, metadata: CoreProviderMetadata, redirect: &str) -> Result<Client, Refused> {
        let redirect = RedirectUrl::new(redirect.to_owned());
        let redirect = redirect.map_err(|error| Refused::Invalid(error.to_string()))?;
        let id = ClientId::new(self.settings.client_id.clone());
        let secret = self.settings.client_secret.clone().map(ClientSecret::new);
        Ok(CoreClient::from_provider_metadata(metadata, id, secret).set_redirect_uri(redirect))
    }

    /// What the issuer says of itself, not older than `age`.
    fn metadata(&self, age: Duration) -> Result<CoreProviderMetadata, Refused> {
        let held = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, metadata)) = &*held()
            && at.elapsed() < age
        {
            return Ok(metadata.clone());
        }
        let wrong = |error: &dyn std::error::Error| Refused::Unavailable(fetch::chain(error));
        let issuer = IssuerUrl::new(self.settings.issuer.clone()).map_err(|error| wrong(&error))?;
        let metadata = CoreProviderMetadata::discover(&issuer, &|request| self.fetch.call(request))
            .map_err(|error| wrong(&error))?;
        *held() = Some((Instant::now(), metadata.clone()));
        Ok(metadata)
    }
}

/// What the token says, once its signature, issuer, audience, times and nonce hold.
fn checked(
    client: &Client,
    tokens: &CoreTokenResponse,
    nonce: &Nonce,
) -> Result<CoreIdTokenClaims, Refused> {
    let wrong = |error: &dyn std::error::Error| Refused::Invalid(fetch::chain(error));
    let missing = || Refused::Invalid("it gave no ID token".to_owned());
    let token = tokens.id_token().ok_or_else(missing)?;
    let verifier = client.id_token_verifier();
    let claims = token.claims(&verifier, nonce).map_err(|error| wrong(&error))?;
    if let Some(expected) = claims.access_token_hash() {
        let algorithm = token.signing_alg().map_err(|error| wrong(&error))?;
        let key = token.signing_key(&verifier).map_err(|error| wrong(&error))?;
        let actual = AccessTokenHash::from_token(tokens.access_token(), algorithm, key)
            .map_err(|error| wrong(&error))?;
        if actual != *expected {
            return Err(Refused::Invalid("the access token is of another login".to_owned()));
        }
    }
    Ok(claims.clone())
}
