//! What the CloudWatch exporter says of databases, caches and queues, and the PostgreSQL exporter
//! of its own. Series carry the resource's ARN as label `name`, as the exporter writes it.

use std::io;

use super::exposition::{Exposition, Kind, rounded, whole};
use super::noise::Noise;
use super::times::Times;
use crate::clock::{DAY, HOUR};
use crate::demand::{Shape, Wave};
use crate::estate::{Cluster, Estate};
use crate::stores::{QUEUES, STORES, Store, StoreKind, queue_name};

const GB: f64 = 1e9;

fn stores(cluster: &Cluster) -> impl Iterator<Item = &'static Store> {
    let index = cluster.env.index;
    STORES.iter().filter(move |s| s.environment == index)
}

/// Instants of a store's series: the whole history for databases of production.
fn grid<'t>(cluster: &Cluster, times: &'t Times) -> &'t [i64] {
    match cluster.env.index {
        0 => &times.long,
        1 => &times.medium,
        _ => &times.short,
    }
}

/// CPU, connections and free space of RDS instances.
pub fn databases(
    out: &mut Exposition<'_>,
    estate: &Estate,
    cluster: &Cluster,
    times: &Times,
) -> io::Result<()> {
    let rds: Vec<(&Store, String)> = stores(cluster)
        .filter(|s| matches!(s.kind, StoreKind::Rds { .. }))
        .map(|s| {
            let arn = s.arn(estate.random).unwrap_or_default();
            (s, format!("name=\"{arn}\",dimension_DBInstanceIdentifier=\"{}\"", s.id))
        })
        .collect();
    let name = "aws_rds_cpuutilization_average";
    out.family(name, Kind::Gauge, "CPUUtilization of AWS/RDS in per cent.")?;
    for (s, labels) in &rds {
        let series = format!("{name}{{{labels}}}");
        let noise = Noise::new(estate.random, s.id);
        let level = 18.0 + 20.0 * estate.random.unit(&format!("{}/cpu", s.id));
        let shape = Shape { level, daily: 0.4, growth: 0.25 };
        let wave = Wave::new(estate.random, cluster.env, estate.from, s.id, shape);
        for at in grid(cluster, times) {
            let value = wave.rate(*at) * (1.0 + 0.05 * noise.at(*at));
            out.sample(&series, rounded(value.min(100.0), 2), *at)?;
        }
    }
    let name = "aws_rds_database_connections_average";
    out.family(name, Kind::Gauge, "DatabaseConnections of AWS/RDS.")?;
    for (s, labels) in &rds {
        let series = format!("{name}{{{labels}}}");
        let noise = Noise::new(estate.random, &format!("{}/connections", s.id));
        let level = 30.0 + 90.0 * estate.random.unit(&format!("{}/connections", s.id));
        let shape = Shape { level, daily: 0.25, growth: 0.1 };
        let wave =
            Wave::new(estate.random, cluster.env, estate.from, &format!("{}/c", s.id), shape);
        for at in grid(cluster, times) {
            out.sample(&series, whole(wave.rate(*at) + 3.0 * noise.at(*at)), *at)?;
        }
    }
    let name = "aws_rds_free_storage_space_average";
    out.family(name, Kind::Gauge, "FreeStorageSpace of AWS/RDS in bytes.")?;
    for (s, labels) in &rds {
        let series = format!("{name}{{{labels}}}");
        for at in grid(cluster, times) {
            out.sample(&series, whole(free_space(estate, s, *at)), *at)?;
        }
    }
    Ok(())
}

/// Free bytes: falls slowly; that of `larkfield-inventory` reaches 0 when its incident starts and
/// was doubled to end it.
fn free_space(estate: &Estate, store: &Store, at: i64) -> f64 {
    let size = f64::from(store.storage_gb) * GB;
    let days = (at - estate.from) as f64 / DAY as f64;
    if store.id != "larkfield-inventory" {
        let share = 0.35 + 0.3 * estate.random.unit(&format!("{}/free", store.id));
        return size * (share - 0.0006 * days);
    }
    let full =
        estate.faults(estate.until).into_iter().find(|f| f.key == "inventory-db-storage-full");
    match full {
        Some(fault) if at >= fault.end => {
            size * (0.5 - 0.0011 * (at - fault.end) as f64 / DAY as f64)
        }
        Some(fault) => (size * 0.0045 * (fault.start - at) as f64 / DAY as f64).max(0.0),
        None => size * 0.4,
    }
}

/// Memory and evictions of caches.
pub fn caches(
    out: &mut Exposition<'_>,
    estate: &Estate,
    cluster: &Cluster,
    times: &Times,
) -> io::Result<()> {
    let list: Vec<(&Store, String)> = stores(cluster)
        .filter(|s| matches!(s.kind, StoreKind::Cache { .. }))
        .map(|s| {
            let arn = s.arn(estate.random).unwrap_or_default();
            (s, format!("name=\"{arn}\",dimension_ReplicationGroupId=\"{}\"", s.id))
        })
        .collect();
    let grid = if cluster.env.index == 2 { &times.short } else { &times.medium };
    let name = "aws_elasticache_database_memory_usage_percentage_average";
    out.family(name, Kind::Gauge, "DatabaseMemoryUsagePercentage of AWS/ElastiCache.")?;
    for (s, labels) in &list {
        let series = format!("{name}{{{labels}}}");
        let noise = Noise::new(estate.random, s.id);
        let level = 45.0 + 25.0 * estate.random.unit(&format!("{}/memory", s.id));
        for at in grid {
            // The baskets outgrow their one node shortly before it starts to evict.
            let filling = estate.until - 3 * HOUR;
            let value = if s.id == "larkfield-cart" && *at > filling {
                (level + (at - filling) as f64 / 110.0).min(99.6)
            } else {
                level + noise.at(*at)
            };
            out.sample(&series, rounded(value, 2), *at)?;
        }
    }
    Ok(())
}

/// Waiting messages of queues.
pub fn queues(
    out: &mut Exposition<'_>,
    estate: &Estate,
    cluster: &Cluster,
    times: &Times,
) -> io::Result<()> {
    let env = cluster.env;
    let grid = if env.index == 2 { &times.short } else { &times.medium };
    let name = "aws_sqs_approximate_number_of_messages_visible_average";
    out.family(name, Kind::Gauge, "ApproximateNumberOfMessagesVisible of AWS/SQS.")?;
    for (queue, _) in QUEUES {
        let of = queue_name(queue, env);
        let series = format!(
            "{name}{{name=\"arn:aws:sqs:{}:{}:{of}\",dimension_QueueName=\"{of}\"}}",
            env.region, env.account.id
        );
        let noise = Noise::new(estate.random, &series);
        for at in grid {
            let waiting = if queue.ends_with("-dlq") {
                ((at - estate.from) / (11 * DAY)) as f64
            } else {
                (14.0 + 12.0 * noise.at(*at)) * env.traffic.max(0.1)
            };
            out.sample(&series, whole(waiting), *at)?;
        }
    }
    Ok(())
}

/// Commits and backends of the PostgreSQL databases that have an exporter.
pub fn postgres(
    out: &mut Exposition<'_>,
    estate: &Estate,
    cluster: &Cluster,
    times: &Times,
) -> io::Result<()> {
    let list: Vec<(&Store, String)> = stores(cluster)
        .filter(|s| s.system() == Some("postgresql") && !s.roles.contains(&"orders-replica"))
        .map(|s| {
            let server = format!("{}:{}", s.host(estate.random), s.port);
            (s, format!("server=\"{server}\",datname=\"{}\"", s.roles[0].replace("-db", "")))
        })
        .collect();
    let grid = if cluster.env.index == 2 { &times.short } else { &times.medium };
    let name = "pg_stat_database_xact_commit";
    out.family(name, Kind::Counter, "Number of transactions that have been committed.")?;
    for (s, labels) in &list {
        let series = format!("{name}_total{{{labels}}}");
        let level = 20.0 + 200.0 * estate.random.unit(&format!("{}/commits", s.id));
        let shape = Shape { level: level * cluster.env.traffic, daily: 0.42, growth: 0.12 };
        let origin = estate.from - DAY;
        let wave = Wave::new(estate.random, cluster.env, origin, &format!("{}/x", s.id), shape);
        for at in grid {
            out.sample(&series, whole(wave.total(*at)), *at)?;
        }
    }
    let name = "pg_stat_database_numbackends";
    out.family(name, Kind::Gauge, "Number of backends currently connected.")?;
    for (_, labels) in &list {
        let series = format!("{name}{{{labels}}}");
        let noise = Noise::new(estate.random, &series);
        for at in grid {
            out.sample(&series, whole(24.0 + 9.0 * noise.at(*at)), *at)?;
        }
    }
    Ok(())
}
