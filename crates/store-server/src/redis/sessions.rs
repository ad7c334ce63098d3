//! Sessions that replicas share. Each change is one script, so that of two callers one goes first. Keys
//! are hashes of tokens: whoever reads this Redis cannot use one.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use model::StoreError;
use model::error::StoreResult;
use model::seam::{ACCOUNT_SESSIONS_MAX, Sessions};
use model::session::{REPLACED_SECS, Session, SessionKey};
use model::time::Micros;
use redis::{FromRedisValue, RedisFuture, Script, ScriptInvocation};

use super::Redis;

/// Sessions in Redis.
pub(super) struct RedisSessions {
    redis: Arc<Redis>,
    create: Script,
    find: Script,
    rotate: Script,
    end: Script,
    end_account: Script,
}

impl RedisSessions {
    pub fn new(redis: Arc<Redis>) -> Self {
        Self {
            redis,
            create: Script::new(include_str!("sessions/create.lua")),
            find: Script::new(include_str!("sessions/find.lua")),
            rotate: Script::new(include_str!("sessions/rotate.lua")),
            end: Script::new(include_str!("sessions/end.lua")),
            end_account: Script::new(include_str!("sessions/end_account.lua")),
        }
    }

    fn session(&self, key: &str) -> String {
        self.redis.key("session", key)
    }

    fn account(&self, account: &str) -> String {
        self.redis.key("account", account)
    }

    async fn run<T: FromRedisValue>(
        &self,
        operation: &'static str,
        call: &ScriptInvocation<'_>,
    ) -> StoreResult<T> {
        let mut commands = self.redis.commands.clone();
        let work: RedisFuture<'_, redis::Value> =
            Box::pin(async move { call.invoke_async(&mut commands).await });
        self.redis.guarded(operation, work).await
    }
}

#[async_trait]
impl Sessions for RedisSessions {
    async fn create(&self, session: &Session) -> StoreResult<()> {
        let key = session.key.hex();
        let mut call = self.create.key(self.session(&key));
        call.key(self.account(&session.account)).arg(self.session("")).arg(key);
        call.arg(ACCOUNT_SESSIONS_MAX).arg(&session.account).arg(session.created_at.0);
        call.arg(session.rotated_at.0).arg(session.seen_at.0).arg(session.idle);
        call.arg(session.ends_at.0).arg(u8::from(session.is_replaced));
        self.run::<u64>("session create", &call).await.map(|_one| ())
    }

    async fn find(&self, key: &SessionKey, now: Micros) -> StoreResult<Option<Session>> {
        let hex = key.hex();
        let mut call = self.find.key(self.session(&hex));
        call.arg(self.account("")).arg(hex).arg(now.0);
        read(*key, &self.run("session find", &call).await?)
    }

    async fn rotate(
        &self,
        old: &SessionKey,
        new: &SessionKey,
        now: Micros,
    ) -> StoreResult<Option<Session>> {
        let hex = new.hex();
        let mut call = self.rotate.key(self.session(&old.hex()));
        call.key(self.session(&hex)).arg(self.account("")).arg(hex).arg(now.0);
        call.arg(REPLACED_SECS * Micros::SECOND);
        read(*new, &self.run("session rotate", &call).await?)
    }

    async fn end(&self, key: &SessionKey) -> StoreResult<bool> {
        let hex = key.hex();
        let mut call = self.end.key(self.session(&hex));
        call.arg(self.account("")).arg(hex);
        self.run::<u64>("session end", &call).await.map(|ended| ended > 0)
    }

    async fn end_account(&self, account: &str) -> StoreResult<u64> {
        let mut call = self.end_account.key(self.account(account));
        call.arg(self.session(""));
        self.run("session end account", &call).await
    }

    /// Redis forgets by itself.
    async fn expire(&self, _now: Micros) -> StoreResult<u64> {
        Ok(0)
    }
}

/// A session of its fields; none of none.
fn read(key: SessionKey, fields: &HashMap<String, String>) -> StoreResult<Option<Session>> {
    if fields.is_empty() {
        return Ok(None);
    }
    let text = |name: &str| {
        fields.get(name).ok_or_else(|| StoreError::Internal {
            operation: "read a session".to_owned(),
            reason: format!("it has no {name}"),
        })
    };
    let number = |name: &str| {
        text(name)?.parse::<i64>().map_err(|error| StoreError::Internal {
            operation: format!("read {name} of a session"),
            reason: error.to_string(),
        })
    };
    Ok(Some(Session {
        key,
        account: text("account")?.clone(),
        created_at: Micros(number("created_at")?),
        rotated_at: Micros(number("rotated_at")?),
        seen_at: Micros(number("seen_at")?),
        idle: number("idle")?,
        ends_at: Micros(number("ends_at")?),
        is_replaced: number("is_replaced")? != 0,
    }))
}
