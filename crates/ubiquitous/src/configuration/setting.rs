//! What can be set: one list.

/// Everything that can be set, with the name of its environment variable and its default.
pub const SETTINGS: &[Setting] = &[
    Setting::new("data_dir", "UBIQUITOUS_DATA_DIR", "", "folder of the embedded store and journal"),
    Setting::new("bind", "UBIQUITOUS_BIND", "127.0.0.1:7474", "address of the dashboard and API"),
    Setting::new(
        "public_url",
        "UBIQUITOUS_PUBLIC_URL",
        "",
        "origins by which people reach it, https://name, joined by commas; empty: its address alone",
    ),
    Setting::new(
        "session_idle_minutes",
        "UBIQUITOUS_SESSION_IDLE_MINUTES",
        "60",
        "a login ends when it was not used for so long",
    ),
    Setting::new(
        "session_longest_minutes",
        "UBIQUITOUS_SESSION_LONGEST_MINUTES",
        "720",
        "a login ends after so long, used or not",
    ),
    Setting::new(
        "oidc_issuer",
        "UBIQUITOUS_OIDC_ISSUER",
        "",
        "address of the OpenID Connect issuer at which people log in; empty: passwords alone",
    ),
    Setting::new("oidc_client_id", "UBIQUITOUS_OIDC_CLIENT_ID", "", "as what the issuer knows it"),
    Setting::new(
        "oidc_client_secret",
        "UBIQUITOUS_OIDC_CLIENT_SECRET",
        "",
        "secret for the issuer; empty for a public client",
    ),
    Setting::new(
        "oidc_claim",
        "UBIQUITOUS_OIDC_CLAIM",
        "email",
        "claim that is an account's name: email (verified), preferred_username or sub",
    ),
    Setting::new(
        "oidc_title",
        "UBIQUITOUS_OIDC_TITLE",
        "",
        "what people call the issuer; empty: its host",
    ),
    Setting::new(
        "topology_url",
        "UBIQUITOUS_TOPOLOGY_URL",
        "",
        "Neo4j for entities and relations, neo4j://user:password@host:7687; empty: the data folder",
    ),
    Setting::new(
        "telemetry_url",
        "UBIQUITOUS_TELEMETRY_URL",
        "",
        "PostgreSQL for telemetry and records, postgres://user:password@host/database; empty: the data folder",
    ),
    Setting::new(
        "redis_url",
        "UBIQUITOUS_REDIS_URL",
        "",
        "Redis that replicas share, redis://user:password@host:6379; empty: each by itself",
    ),
    Setting::new(
        "postgres_connections",
        "UBIQUITOUS_POSTGRES_CONNECTIONS",
        "20",
        "most connections to PostgreSQL for reads",
    ),
    Setting::new(
        "cartography_password",
        "UBIQUITOUS_CARTOGRAPHY_PASSWORD",
        "",
        "password of the Neo4j that `ingest --cartography` reads",
    ),
    Setting::new(
        "memory_limit_mib",
        "UBIQUITOUS_MEMORY_LIMIT_MIB",
        "4096",
        "memory DuckDB may use",
    ),
    Setting::new("reader_threads", "UBIQUITOUS_READER_THREADS", "4", "reads that run at once"),
    Setting::new("duckdb_threads", "UBIQUITOUS_DUCKDB_THREADS", "2", "threads of one statement"),
    Setting::new(
        "answer_cache_mib",
        "UBIQUITOUS_ANSWER_CACHE_MIB",
        "256",
        "memory for answers; 0 is off",
    ),
    Setting::new("deadline_secs", "UBIQUITOUS_DEADLINE_SECS", "30", "longest time of one question"),
    Setting::new("body_limit_mib", "UBIQUITOUS_BODY_LIMIT_MIB", "256", "largest body of a request"),
    Setting::new(
        "disk_reserve_mib",
        "UBIQUITOUS_DISK_RESERVE_MIB",
        "auto",
        "free space kept; auto is the larger of 1 GiB and 5 %",
    ),
    Setting::new(
        "tables_dir",
        "UBIQUITOUS_TABLES_DIR",
        "",
        "folder of tables that stand in for the program's own; empty for none",
    ),
    Setting::new(
        "pagerduty_secret",
        "UBIQUITOUS_PAGERDUTY_SECRET",
        "",
        "secrets of PagerDuty's webhooks, joined by commas; empty takes unsigned ones",
    ),
    Setting::new(
        "validation_minutes",
        "UBIQUITOUS_VALIDATION_MINUTES",
        "60",
        "time between two validations while the program serves; 0 is none",
    ),
    Setting::new(
        "database_limit_gib",
        "UBIQUITOUS_DATABASE_LIMIT_GIB",
        "0",
        "room that a database server has, for `optimize`; 0 is not known",
    ),
    Setting::new(
        "fiscal_start_month",
        "UBIQUITOUS_FISCAL_START_MONTH",
        "1",
        "month in which the fiscal year starts, 1 to 12",
    ),
    Setting::new(
        "live_clients",
        "UBIQUITOUS_LIVE_CLIENTS",
        "2000",
        "most clients that get answers as they change",
    ),
    Setting::new("log", "UBIQUITOUS_LOG", "warn", "what is logged to stderr (tracing's filter)"),
];

/// One setting.
pub struct Setting {
    /// Name, as in the file.
    pub name: &'static str,
    /// Its environment variable.
    pub variable: &'static str,
    /// What holds when nobody says.
    pub default: &'static str,
    /// What it is for.
    pub meaning: &'static str,
}

impl Setting {
    const fn new(
        name: &'static str,
        variable: &'static str,
        default: &'static str,
        meaning: &'static str,
    ) -> Self {
        Self { name, variable, default, meaning }
    }
}
