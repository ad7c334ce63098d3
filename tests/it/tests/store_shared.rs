//! What replicas share: one contract for rates, notices and cached bytes, within one process and in
//! Redis; then the program with a Redis that is killed, full, locked or not there.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use libtest_mimic::{Failed, Trial};
use model::commit::Committed;
use model::resolution::Sequence;
use model::seam::{Admission, Cache, DataKind, Fanout, Heard, Listener, Rate, RateLimit};
use serde_json::{Value, json};
use store_embedded::{ProcessBus, ProcessCache, ProcessRateLimit};
use store_server::redis::{Redis, RedisOptions};
use tokio::time::timeout;

use crate::contract::{Done, postgres};
use crate::live::Socket;
use crate::program::{Program, expect};
use crate::redis_server::{RedisServer, trial};
use crate::server::{Server, services};
use crate::store_base::block_on;

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    let name = |what: &str, of: &str| format!("store_shared::{what} on {of}");
    vec![
        Trial::test(name("rates_hold", "process"), || {
            block_on(rates(Arc::new(ProcessRateLimit::default())))
        }),
        trial(&name("rates_hold", "redis"), || with_redis(|redis| Box::pin(redis_rates(redis)))),
        Trial::test(name("notices_reach_the_others", "process"), || {
            let bus = ProcessBus::default();
            block_on(async move { notices(&bus.replica("a"), &bus.replica("b")).await })
        }),
        trial(&name("notices_reach_the_others", "redis"), || {
            with_redis(|redis| Box::pin(redis_notices(redis)))
        }),
        Trial::test(name("bytes_are_kept_for_a_while", "process"), || {
            block_on(bytes(Arc::new(ProcessCache::default())))
        }),
        trial(&name("bytes_are_kept_for_a_while", "redis"), || {
            with_redis(|redis| Box::pin(async move { bytes(redis.cache("all")).await }))
        }),
        trial("store_shared::a_lost_redis_leaves_gaps_and_own_rates", lost),
        trial("store_shared::answers_come_whatever_happens_to_redis", killed),
        trial("store_shared::a_wrong_password_and_a_full_redis_are_said", refused),
        trial("store_shared::the_least_privileged_user_is_enough", least),
        replicas_trial(),
    ]
}

type Work = std::pin::Pin<Box<dyn Future<Output = Done> + Send>>;

/// On the server that the environment names, else on one of the trial's own.
fn with_redis(run: fn(Arc<Redis>) -> Work) -> Done {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    if let Ok(url) = std::env::var("UBIQUITOUS_TEST_REDIS_URL") {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let prefix = format!("trial-{}-{number}", std::process::id());
        return block_on(async move { run(Redis::open(RedisOptions::new(url, prefix))?).await });
    }
    let server = RedisServer::started(&[])?;
    block_on(async move { run(opened(&server)?).await })
}

fn opened(server: &RedisServer) -> Result<Arc<Redis>, Failed> {
    Ok(Redis::open(RedisOptions::new(server.url("right"), "trial"))?)
}

/// A burst, then one at a time, each key by itself; of many at once no more than the burst.
async fn rates(limit: Arc<dyn RateLimit>) -> Done {
    let rate = Rate { burst: 3, every: Duration::from_secs(30) };
    for _ in 0..3 {
        assert_eq!(limit.admit("anna", rate).await?, Admission::Admitted);
    }
    let Admission::Refused { retry_after } = limit.admit("anna", rate).await? else {
        return Err("a fourth was admitted".into());
    };
    assert!(retry_after <= rate.every && retry_after > rate.every / 2, "{retry_after:?}");
    assert_eq!(limit.admit("bert", rate).await?, Admission::Admitted, "keys are apart");
    let fast = Rate { burst: 1, every: Duration::from_millis(80) };
    assert_eq!(limit.admit("carl", fast).await?, Admission::Admitted);
    assert!(matches!(limit.admit("carl", fast).await?, Admission::Refused { .. }));
    tokio::time::sleep(Duration::from_millis(120)).await;
    assert_eq!(limit.admit("carl", fast).await?, Admission::Admitted, "one was earned");
    let mut tasks = Vec::new();
    for _ in 0..50 {
        let limit = Arc::clone(&limit);
        let crowd = Rate { burst: 20, every: Duration::from_secs(60) };
        tasks.push(tokio::spawn(async move { limit.admit("crowd", crowd).await }));
    }
    let mut admitted = 0;
    for task in tasks {
        admitted += usize::from(task.await?? == Admission::Admitted);
    }
    assert_eq!(admitted, 20);
    Ok(())
}

async fn redis_rates(redis: Arc<Redis>) -> Done {
    let own = || Arc::new(ProcessRateLimit::default());
    rates(redis.rate_limit(own())).await?;
    // Two replicas count together.
    let rate = Rate { burst: 2, every: Duration::from_secs(30) };
    let (one, other) = (redis.rate_limit(own()), redis.rate_limit(own()));
    assert_eq!(one.admit("both", rate).await?, Admission::Admitted);
    assert_eq!(other.admit("both", rate).await?, Admission::Admitted);
    assert!(matches!(one.admit("both", rate).await?, Admission::Refused { .. }));
    Ok(())
}

fn notice(number: u64) -> Committed {
    let sequence = Sequence { journal: "trial".to_owned(), number };
    Committed::of_kinds(sequence, vec![DataKind::Topology, DataKind::Samples])
}

/// What is heard within a while; nothing when there is nothing.
async fn heard(listener: &mut Box<dyn Listener>, wait: Duration) -> Option<Heard> {
    timeout(wait, listener.next()).await.ok()
}

const SOON: Duration = Duration::from_secs(10);
const MOMENT: Duration = Duration::from_millis(200);

/// Each replica hears the others, in their order, and not itself.
async fn notices(one: &Arc<dyn Fanout>, other: &Arc<dyn Fanout>) -> Done {
    let (mut at_one, mut at_other) = (one.listen(), other.listen());
    for number in 1..=20 {
        one.publish(&notice(number)).await?;
    }
    for number in 1..=20 {
        let told = heard(&mut at_other, SOON).await;
        assert_eq!(told, Some(Heard::Committed(notice(number))));
    }
    assert_eq!(heard(&mut at_one, MOMENT).await, None, "it heard itself");
    other.publish(&notice(7)).await?;
    assert_eq!(heard(&mut at_one, SOON).await, Some(Heard::Committed(notice(7))));
    // Who does not listen for long hears that it missed something, and goes on.
    for number in 0..3_000 {
        one.publish(&notice(number)).await?;
    }
    tokio::time::sleep(MOMENT).await;
    assert_eq!(heard(&mut at_other, SOON).await, Some(Heard::Gap));
    assert!(matches!(heard(&mut at_other, SOON).await, Some(Heard::Committed(_))));
    // What was lost before it came here is a gap as well.
    let mut late = other.listen();
    one.skip();
    assert_eq!(heard(&mut late, SOON).await, Some(Heard::Gap));
    Ok(())
}

async fn redis_notices(redis: Arc<Redis>) -> Done {
    let (one, _one) = redis.fanout("one");
    let (other, _other) = redis.fanout("other");
    // Both subscriptions begin with a gap: what was told before is not known.
    let (mut at_one, mut at_other) = (one.listen(), other.listen());
    for listener in [&mut at_one, &mut at_other] {
        assert_eq!(heard(listener, SOON).await, Some(Heard::Gap));
    }
    notices(&one, &other).await
}

/// Bytes are found until their time is over.
async fn bytes(cache: Arc<dyn Cache>) -> Done {
    assert_eq!(cache.get("a").await?, None);
    let long: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    cache.put("a", &long, Duration::from_secs(60)).await?;
    assert_eq!(cache.get("a").await?, Some(long));
    cache.put("a", b"newer", Duration::from_millis(60)).await?;
    assert_eq!(cache.get("a").await?.as_deref(), Some(b"newer".as_slice()));
    tokio::time::sleep(Duration::from_millis(120)).await;
    assert_eq!(cache.get("a").await?, None);
    Ok(())
}

/// While Redis is away each replica counts by itself and is told quickly; afterwards the others hear
/// that they missed something.
fn lost() -> Done {
    let mut server = RedisServer::started(&[])?;
    let (url, runtime) = (server.url("right"), tokio::runtime::Runtime::new()?);
    let redis = runtime.block_on(async { Redis::open(RedisOptions::new(url, "trial")) })?;
    let (fanout, _task) = runtime.block_on(async { redis.fanout("one") });
    let (other, _other) = runtime.block_on(async { redis.fanout("other") });
    let mut listener = other.listen();
    runtime.block_on(async { heard(&mut listener, SOON).await });
    let limit = redis.rate_limit(Arc::new(ProcessRateLimit::default()));
    let rate = Rate { burst: 1, every: Duration::from_secs(60) };
    runtime.block_on(limit.admit("anna", rate))?;
    server.kill()?;
    let begun = Instant::now();
    runtime.block_on(async {
        // Its own count begins anew, and holds.
        assert_eq!(limit.admit("anna", rate).await?, Admission::Admitted);
        assert!(matches!(limit.admit("anna", rate).await?, Admission::Refused { .. }));
        for number in 0..50 {
            assert!(redis.cache("all").get(&number.to_string()).await.is_err());
            assert!(fanout.publish(&notice(number)).await.is_err());
        }
        Ok::<(), Failed>(())
    })?;
    expect("told quickly", begun.elapsed() < Duration::from_secs(5), true)?;
    expect("left alone", redis.statistics().is_left_alone, true)?;
    server.start()?;
    runtime.block_on(async {
        assert_eq!(heard(&mut listener, 3 * SOON).await, Some(Heard::Gap));
        let begun = Instant::now();
        while redis.ping().await.is_err() {
            assert!(begun.elapsed() < 3 * SOON, "it is not used again");
            tokio::time::sleep(MOMENT).await;
        }
        Ok(())
    })
}

/// The user that `deploy/redis/roles.sh` makes can do all of it, and nothing elsewhere.
fn least() -> Done {
    let server = RedisServer::started(&[])?;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/redis/roles.sh");
    let ran = std::process::Command::new("sh")
        .args([script, "127.0.0.1", &server.port().to_string(), "narrow"])
        .env("REDISCLI_AUTH", "right")
        .output()?;
    expect(&format!("{ran:?}"), ran.status.success(), true)?;
    let url = format!("redis://ubiquitous:narrow@127.0.0.1:{}/0", server.port());
    block_on(async {
        let own = Redis::open(RedisOptions::new(&url, "ubiquitous:trial"))?;
        assert!(!own.is_evicting().await?);
        bytes(own.cache("all")).await?;
        redis_rates(Arc::clone(&own)).await?;
        redis_notices(Arc::clone(&own)).await?;
        crate::store_sessions::contract(own.sessions()).await?;
        let elsewhere = Redis::open(RedisOptions::new(&url, "other:trial"))?;
        let refused = elsewhere.cache("all").get("a").await.err().map(|error| error.to_string());
        let refused = refused.ok_or("another's keys can be read")?;
        expect(&refused, refused.contains("lacks a right"), true)
    })
}

fn program(url: &str) -> Result<Program, Failed> {
    Program::with_environment(vec![("UBIQUITOUS_REDIS_URL".to_owned(), url.to_owned())])
}

/// The line about Redis on `/health`, and whether the program is ready.
fn health(server: &Server) -> Result<(Value, bool), Failed> {
    let (_, health) = server.get("/health")?;
    let stores = health["stores"].as_array().ok_or("no stores")?;
    let redis = stores.iter().find(|store| store["kind"] == "redis").ok_or("no redis")?;
    Ok((redis.clone(), health["status"] == "ready"))
}

fn until_available(server: &Server, wanted: bool) -> Done {
    let begun = Instant::now();
    while health(server)?.0["is_available"] != wanted {
        if begun.elapsed() > Duration::from_secs(40) {
            return Err(format!("is_available does not become {wanted}").into());
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    Ok(())
}

fn push(server: &Server, first: usize) -> Done {
    let rows = services(first, 1);
    let (status, text) =
        server.send("POST", "/api/v1/ingest?name=rows.ndjson", &[], rows.as_bytes())?;
    expect(&text, status, 200)
}

/// Not there at the start, there, killed, there again: every answer comes, is right and not late.
fn killed() -> Done {
    let mut redis = RedisServer::new(&[])?;
    let program = program(&redis.url("right"))?;
    let server = Server::start(&program)?;
    let (line, is_ready) = health(&server)?;
    expect(&format!("{line}"), line["is_available"].as_bool(), Some(false))?;
    expect("ready without it", is_ready, true)?;
    let mut count = 0;
    let mut round = |what: &str| -> Done {
        for _ in 0..3 {
            push(&server, count)?;
            count += 1;
            let begun = Instant::now();
            let (status, answer) = server.get("/api/v1/topology")?;
            expect(&format!("{what}: {answer}"), status, 200)?;
            let seen = answer["data"]["summary"]["entities"].as_u64();
            expect(what, seen, Some(count as u64))?;
            expect(&format!("{what}: live"), answer["source"].as_str(), Some("live"))?;
            let limit = Duration::from_secs(3);
            expect(&format!("{what}: {:?}", begun.elapsed()), begun.elapsed() < limit, true)?;
        }
        Ok(())
    };
    round("before it is there")?;
    redis.start()?;
    until_available(&server, true)?;
    round("while it is there")?;
    redis.kill()?;
    round("after it was killed")?;
    until_available(&server, false)?;
    expect("still ready", health(&server)?.1, true)?;
    redis.start()?;
    until_available(&server, true)?;
    round("when it is back")
}

/// What is wrong is said with what to do, and nothing waits for it.
fn refused() -> Done {
    let redis = RedisServer::started(&["--maxmemory", "2mb", "--maxmemory-policy", "noeviction"])?;
    for (password, hint) in [("wrong", "check user and password in `redis_url`"), ("right", "")] {
        let program = program(&redis.url(password))?;
        let server = Server::start(&program)?;
        push(&server, 0)?;
        for limit in 1..20 {
            let (status, answer) = server.get(&format!("/api/v1/topology?limit={limit}"))?;
            expect(&format!("{password}: {answer}"), status, 200)?;
        }
        let (line, is_ready) = health(&server)?;
        expect("ready", is_ready, true)?;
        let reason = line["reason"].as_str().unwrap_or_default();
        expect(&format!("{password}: {line}"), reason.contains(hint), true)?;
        expect("secret", line.to_string().contains("wrong@"), false)?;
    }
    // One that evicts forgets, and is no reason to say anything else.
    let redis = RedisServer::started(&["--maxmemory", "2mb", "--maxmemory-policy", "allkeys-lru"])?;
    let program = program(&redis.url("right"))?;
    let server = Server::start(&program)?;
    push(&server, 0)?;
    for limit in 1..60 {
        let (status, answer) = server.get(&format!("/api/v1/topology?limit={limit}"))?;
        expect(&format!("{answer}"), status, 200)?;
        expect("limit", answer["params"]["limit"].as_u64(), Some(limit))?;
    }
    until_available(&server, true)
}

fn replicas_trial() -> Trial {
    let name = "store_shared::a_replica_tells_what_another_took_in";
    match postgres::absence() {
        None => trial(name, replicas),
        Some(reason) => {
            Trial::test(format!("{name} [skipped: {reason}]"), || Ok(())).with_ignored_flag(true)
        }
    }
}

/// Two programs on one PostgreSQL and one Redis: what one ingests is told live by the other; after
/// Redis was away, the other asks again by itself.
fn replicas() -> Done {
    let mut redis = RedisServer::started(&[])?;
    let database = block_on(postgres::Database::new())?;
    let replica = || {
        Program::with_environment(vec![
            ("UBIQUITOUS_REDIS_URL".to_owned(), redis.url("right")),
            ("UBIQUITOUS_TELEMETRY_URL".to_owned(), database.url.clone()),
        ])
    };
    let (here, there) = (replica()?, replica()?);
    let (here, there) = (Server::start(&here)?, Server::start(&there)?);
    until_available(&there, true)?;
    let mut socket = Socket::open(&there)?;
    socket.subscribe("cost", "cost-analysis", &json!({"window": "all"}))?;
    let first = socket.next()?;
    expect("no charge yet", rows(&first), Some(0))?;
    bill(&here, "2026-01")?;
    let told = socket.next()?;
    expect(&format!("told {told}"), told["id"].as_str(), Some("cost"))?;
    // What happened while Redis was away is asked again when it is back.
    redis.kill()?;
    bill(&here, "2026-02")?;
    redis.start()?;
    let told = socket.next()?;
    expect(&format!("told {told}"), told["id"].as_str(), Some("cost"))
}

fn rows(message: &Value) -> Option<usize> {
    message["envelope"]["data"]["currencies"].as_array().map(Vec::len)
}

/// A bill of one month with one charge.
fn bill(server: &Server, month: &str) -> Done {
    let header = "BilledCost,EffectiveCost,ListCost,ContractedCost,BillingAccountId,BillingCurrency,\
                  BillingPeriodStart,BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,\
                  ChargeCategory,ServiceName,ProviderName";
    let next = if month == "2026-01" { "2026-02" } else { "2026-03" };
    let row = format!(
        "5,5,5,5,111122223333,USD,{month}-01,{next}-01,{month}-02,{month}-03,Usage,Compute,Cloud"
    );
    let body = format!("{header}\n{row}\n");
    let name = format!("/api/v1/ingest?name=bill-{month}.csv");
    let (status, text) = server.send("POST", &name, &[], body.as_bytes())?;
    expect(&text, status, 200)
}
