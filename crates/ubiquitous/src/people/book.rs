//! Accounts and tokens in memory, as the store has them: each request needs them. Where others write them
//! too they are read again after a moment; while the store is away the last ones stand in for a while.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use model::StoreError;
use model::account::{Account, ApiToken};
use model::error::StoreResult;
use model::seam::Accounts;

/// How long a store may take to say who there is, while an earlier answer stands in.
const READ_TIME: Duration = Duration::from_secs(1);
/// How long an earlier answer may stand in.
const STAND_IN_TIME: Duration = Duration::from_secs(15 * 60);

/// Who there is.
#[derive(Debug, Default)]
pub struct Book {
    accounts: BTreeMap<String, Account>,
    tokens: BTreeMap<String, ApiToken>,
}

impl Book {
    /// Whether nobody has an account: then there is no login.
    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty()
    }

    /// Everybody, in order of name.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.accounts.values()
    }

    /// One account.
    pub fn account(&self, name: &str) -> Option<&Account> {
        self.accounts.get(name)
    }

    /// Every token, in order of hash.
    pub fn tokens(&self) -> impl Iterator<Item = &ApiToken> {
        self.tokens.values()
    }

    /// The token of a hash in hexadecimal.
    pub fn token(&self, hash: &str) -> Option<&ApiToken> {
        self.tokens.get(hash)
    }
}

struct Read {
    book: Arc<Book>,
    at: Instant,
}

/// Where the book is.
pub struct Shelf {
    accounts: Arc<dyn Accounts>,
    book_time: Option<Duration>,
    held: Mutex<Option<Read>>,
    reading: tokio::sync::Mutex<()>,
}

impl Shelf {
    /// Nothing read yet.
    pub fn new(accounts: Arc<dyn Accounts>, book_time: Option<Duration>) -> Self {
        Self { accounts, book_time, held: Mutex::default(), reading: tokio::sync::Mutex::default() }
    }

    /// The book, no older than it may be.
    ///
    /// # Errors
    /// When the store is away and nothing may stand in.
    pub async fn book(&self) -> StoreResult<Arc<Book>> {
        if let Some((book, age)) = self.held()
            && self.book_time.is_none_or(|most| age < most)
        {
            return Ok(book);
        }
        let _reading = self.reading.lock().await;
        let held = self.held();
        if let Some((book, age)) = &held
            && self.book_time.is_none_or(|most| *age < most)
        {
            return Ok(Arc::clone(book));
        }
        let Some((book, age)) = held else { return self.read().await };
        let away = match tokio::time::timeout(READ_TIME, self.read()).await {
            Ok(Ok(book)) => return Ok(book),
            Ok(Err(error)) => error,
            Err(_elapsed) => StoreError::Timeout { store: "accounts".to_owned() },
        };
        if age < STAND_IN_TIME {
            return Ok(book);
        }
        Err(away)
    }

    /// Reads it again now.
    ///
    /// # Errors
    /// As any read.
    pub async fn read(&self) -> StoreResult<Arc<Book>> {
        let at = Instant::now();
        let accounts = self.accounts.accounts().await?;
        let tokens = self.accounts.tokens().await?;
        let book = Arc::new(Book {
            accounts: accounts.into_iter().map(|one| (one.name.clone(), one)).collect(),
            tokens: tokens.into_iter().map(|one| (one.hash.clone(), one)).collect(),
        });
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.as_ref().is_none_or(|held| held.at <= at) {
            *held = Some(Read { book: Arc::clone(&book), at });
        }
        Ok(book)
    }

    fn held(&self) -> Option<(Arc<Book>, Duration)> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.as_ref().map(|held| (Arc::clone(&held.book), held.at.elapsed()))
    }
}
