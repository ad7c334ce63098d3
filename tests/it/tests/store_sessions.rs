//! The `Sessions` seam: one contract for every store of sessions.

use std::sync::Arc;

use jiff::Timestamp;
use libtest_mimic::Trial;
use model::Micros;
use model::seam::{ACCOUNT_SESSIONS_MAX, Sessions};
use model::session::{REPLACED_SECS, Session, SessionKey};
use store_embedded::ProcessSessions;
use store_server::redis::{Redis, RedisOptions};

use crate::contract::Done;
use crate::redis_server::{self, RedisServer};
use crate::store_base::block_on;

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    let name = "store_sessions::they_hold_as_long_as_they_should";
    vec![
        Trial::test(format!("{name} on process"), || {
            block_on(contract(Arc::new(ProcessSessions::default())))
        }),
        redis_server::trial(&format!("{name} on redis"), || {
            let server = RedisServer::started(&[])?;
            block_on(async {
                let redis = Redis::open(RedisOptions::new(server.url("right"), "trial"))?;
                assert!(!redis.is_evicting().await?);
                contract(redis.sessions()).await
            })
        }),
    ]
}

const IDLE_SECS: i64 = 600;
const LONGEST_SECS: i64 = 3_600;

/// What every store of sessions does. It holds nothing before; instants are now and later, so that a store
/// with a clock of its own forgets nothing early.
pub async fn contract(sessions: Arc<dyn Sessions>) -> Done {
    let start = Micros::of(Timestamp::now());
    let later = |secs: i64| Micros(start.0 + secs * Micros::SECOND);
    idle_and_absolute(&*sessions, &later).await?;
    rotation(&sessions, &later).await?;
    accounts(&*sessions, &later).await
}

fn session(number: u8, account: &str, at: Micros) -> Session {
    Session {
        key: key(number),
        account: account.to_owned(),
        created_at: at,
        rotated_at: at,
        seen_at: at,
        idle: IDLE_SECS * Micros::SECOND,
        ends_at: Micros(at.0 + LONGEST_SECS * Micros::SECOND),
        is_replaced: false,
    }
}

fn key(number: u8) -> SessionKey {
    SessionKey([number; 32])
}

async fn idle_and_absolute(sessions: &dyn Sessions, later: &impl Fn(i64) -> Micros) -> Done {
    assert_eq!(sessions.find(&key(1), later(0)).await?, None);
    let made = session(1, "anna", later(0));
    sessions.create(&made).await?;
    // Each use lets it live on, until its end.
    for step in 1..7 {
        let at = later(step * (IDLE_SECS - 1));
        let found = sessions.find(&key(1), at).await?.ok_or("a session in use ended")?;
        assert_eq!(found, Session { seen_at: at, ..made.clone() });
    }
    assert!(sessions.find(&key(1), later(LONGEST_SECS - 1)).await?.is_some());
    assert_eq!(sessions.find(&key(1), later(LONGEST_SECS)).await?, None);
    // One that ended does not come back, whatever the instant.
    assert_eq!(sessions.find(&key(1), later(1)).await?, None);
    sessions.create(&session(2, "anna", later(0))).await?;
    assert_eq!(sessions.find(&key(2), later(IDLE_SECS)).await?, None);
    sessions.create(&session(3, "anna", later(0))).await?;
    assert!(sessions.end(&key(3)).await?);
    assert!(!sessions.end(&key(3)).await?);
    assert_eq!(sessions.find(&key(3), later(1)).await?, None);
    Ok(())
}

async fn rotation(sessions: &Arc<dyn Sessions>, later: &impl Fn(i64) -> Micros) -> Done {
    let made = session(10, "bert", later(0));
    sessions.create(&made).await?;
    let moved = sessions.rotate(&key(10), &key(11), later(60)).await?.ok_or("none was moved")?;
    let expected =
        Session { key: key(11), rotated_at: later(60), seen_at: later(60), ..made.clone() };
    assert_eq!(moved, expected);
    // The old token serves what was under way, is told apart, and cannot be moved again.
    let old = sessions.find(&key(10), later(61)).await?.ok_or("the old one ended at once")?;
    assert!(old.is_replaced);
    assert_eq!(sessions.rotate(&key(10), &key(12), later(61)).await?, None);
    assert_eq!(sessions.find(&key(12), later(61)).await?, None);
    assert_eq!(sessions.find(&key(10), later(60 + REPLACED_SECS)).await?, None);
    let new = sessions.find(&key(11), later(60 + REPLACED_SECS)).await?.ok_or("the new ended")?;
    assert_eq!((new.is_replaced, new.ends_at), (false, made.ends_at));
    assert_eq!(sessions.rotate(&key(13), &key(14), later(70)).await?, None);
    assert_eq!(sessions.rotate(&key(11), &key(14), later(LONGEST_SECS)).await?, None);
    // Of many at once one moves it.
    sessions.create(&session(20, "bert", later(0))).await?;
    let mut tasks = Vec::new();
    for number in 21..29 {
        let (sessions, at) = (Arc::clone(sessions), later(5));
        tasks.push(tokio::spawn(async move {
            sessions.rotate(&key(20), &key(number), at).await.map(|moved| moved.is_some())
        }));
    }
    let mut moved = 0;
    for task in tasks {
        moved += usize::from(task.await??);
    }
    assert_eq!(moved, 1);
    Ok(())
}

async fn accounts(sessions: &dyn Sessions, later: &impl Fn(i64) -> Micros) -> Done {
    sessions.end_account("anna").await?;
    sessions.end_account("bert").await?;
    for number in 30..33 {
        sessions.create(&session(number, "anna", later(0))).await?;
    }
    sessions.create(&session(40, "bert", later(0))).await?;
    sessions.rotate(&key(30), &key(33), later(1)).await?.ok_or("none was moved")?;
    assert_eq!(sessions.end_account("anna").await?, 4);
    for number in 30..34 {
        assert_eq!(sessions.find(&key(number), later(2)).await?, None, "{number}");
    }
    assert!(sessions.find(&key(40), later(2)).await?.is_some());
    assert_eq!(sessions.end_account("nobody").await?, 0);
    // Forgetting what ended leaves the rest.
    sessions.expire(later(3)).await?;
    assert!(sessions.find(&key(40), later(3)).await?.is_some());
    // Of one account's many, those seen longest ago end first.
    for number in 0..=ACCOUNT_SESSIONS_MAX {
        let number = u8::try_from(number)?;
        sessions.create(&session(100 + number, "carl", later(i64::from(number)))).await?;
    }
    let now = later(i64::try_from(ACCOUNT_SESSIONS_MAX)?);
    assert_eq!(sessions.find(&key(100), now).await?, None);
    assert!(sessions.find(&key(101), now).await?.is_some());
    assert!(sessions.find(&key(100 + u8::try_from(ACCOUNT_SESSIONS_MAX)?), now).await?.is_some());
    Ok(())
}
