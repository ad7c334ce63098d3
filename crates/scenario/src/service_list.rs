//! Every service of Larkfield, one after the other.

use crate::services::{Call, Known, Need, Service};

const fn call(to: &'static str, per_request: f64, need: Need, known: Known) -> Call {
    Call { to, per_request, need, known }
}
const fn needs(to: &'static str, per_request: f64) -> Call {
    call(to, per_request, Need::Required, Known::Both)
}
const fn may(to: &'static str, per_request: f64) -> Call {
    call(to, per_request, Need::Optional, Known::Both)
}

#[derive(Clone, Copy)]
struct Row {
    at: (&'static str, &'static str, &'static str, &'static str),
    language: &'static str,
    replicas: [u32; 3],
    latency_ms: f64,
}

const fn row(
    at: (&'static str, &'static str, &'static str, &'static str),
    language: &'static str,
    replicas: [u32; 3],
    latency_ms: f64,
) -> Row {
    Row { at, language, replicas, latency_ms }
}

const fn plain(row: Row, calls: &'static [Call], stores: &'static [&'static str]) -> Service {
    queued(row, calls, stores, &[], &[])
}

const fn queued(
    row: Row,
    calls: &'static [Call],
    stores: &'static [&'static str],
    sends: &'static [&'static str],
    receives: &'static [&'static str],
) -> Service {
    Service {
        name: row.at.1,
        namespace: row.at.0,
        team: row.at.2,
        application: row.at.3,
        language: row.language,
        replicas: row.replicas,
        latency_ms: row.latency_ms,
        outside: 0.0,
        calls,
        stores,
        sends,
        receives,
    }
}

const fn entry(outside: f64, service: Service) -> Service {
    Service { outside, ..service }
}

/// Every service.
pub const SERVICES: &[Service] = &[
    entry(
        8.0,
        plain(
            row(
                ("shop", "web-storefront", "storefront-team", "storefront"),
                "nodejs",
                [6, 4, 1],
                18.0,
            ),
            &[
                needs("catalogue", 0.9),
                needs("search", 0.3),
                needs("cart", 0.3),
                may("recommendations", 0.5),
                may("content", 0.6),
                may("reviews", 0.25),
                may("promotions", 0.2),
                needs("auth", 0.2),
                needs("accounts", 0.06),
                needs("checkout", 0.05),
                needs("returns", 0.01),
                may("analytics-collector", 0.4),
            ],
            &[],
        ),
    ),
    entry(
        5.2,
        plain(
            row(("shop", "mobile-bff", "storefront-team", "storefront"), "go", [4, 3, 1], 9.0),
            &[
                needs("catalogue", 0.8),
                needs("search", 0.35),
                needs("cart", 0.25),
                may("recommendations", 0.4),
                needs("auth", 0.3),
                needs("accounts", 0.05),
                needs("checkout", 0.04),
                may("tracking", 0.05),
            ],
            &[],
        ),
    ),
    plain(
        row(("shop", "search", "search-team", "search"), "java", [4, 3, 1], 34.0),
        &[needs("search-index", 1.0), needs("catalogue", 0.1)],
        &[],
    ),
    plain(
        row(("shop", "search-index", "search-team", "search"), "java", [3, 2, 1], 22.0),
        &[],
        &[],
    ),
    plain(
        row(("shop", "recommendations", "search-team", "search"), "python", [3, 2, 1], 41.0),
        &[needs("catalogue", 1.0), call("feature-flags", 0.1, Need::Optional, Known::DeclaredOnly)],
        &[],
    ),
    plain(
        row(("shop", "catalogue", "catalogue-team", "catalogue"), "java", [5, 3, 1], 12.0),
        &[needs("pricing", 1.0), needs("inventory", 0.2)],
        &["catalogue-aurora", "catalogue-cache"],
    ),
    plain(
        row(("shop", "pricing", "catalogue-team", "catalogue"), "go", [4, 2, 1], 5.0),
        &[needs("promotions", 0.3)],
        &["catalogue-aurora"],
    ),
    // Calls back into pricing: the one planted cycle.
    plain(
        row(("shop", "promotions", "storefront-team", "storefront"), "go", [2, 2, 1], 6.0),
        &[needs("pricing", 0.1), may("feature-flags", 0.2)],
        &[],
    ),
    plain(
        row(("shop", "reviews", "catalogue-team", "catalogue"), "python", [2, 2, 1], 15.0),
        &[],
        &["reviews-postgres"],
    ),
    plain(
        row(("shop", "content", "storefront-team", "storefront"), "nodejs", [2, 2, 1], 8.0),
        &[may("media", 0.5)],
        &[],
    ),
    plain(
        row(("shop", "media", "storefront-team", "storefront"), "go", [2, 2, 1], 11.0),
        &[],
        &["media-bucket"],
    ),
    plain(
        row(("shop", "cart", "checkout-team", "checkout"), "go", [4, 3, 1], 7.0),
        &[needs("pricing", 0.8), needs("inventory", 0.2)],
        &["cart-cache"],
    ),
    plain(
        row(("shop", "checkout", "checkout-team", "checkout"), "java", [5, 3, 1], 28.0),
        &[
            needs("cart", 1.0),
            needs("inventory", 1.0),
            needs("shipping", 0.8),
            needs("promotions", 0.6),
            needs("accounts", 0.5),
            needs("fraud", 0.9),
            needs("payments", 0.9),
            needs("orders", 0.85),
            may("vouchers", 0.2),
        ],
        &[],
    ),
    queued(
        row(("shop", "orders", "checkout-team", "checkout"), "java", [4, 2, 1], 14.0),
        &[],
        &["orders-db"],
        &["order-events"],
        &[],
    ),
    // Runs, is scaled to one, and nobody calls it any more.
    plain(
        row(("shop", "legacy-banner", "storefront-team", "storefront"), "php", [1, 0, 0], 20.0),
        &[],
        &[],
    ),
    plain(
        row(("payments", "payments", "payments-team", "payments"), "java", [4, 3, 1], 16.0),
        &[needs("payment-gateway", 1.0), needs("ledger", 0.9), needs("fraud", 0.1)],
        &[],
    ),
    plain(
        row(("payments", "payment-gateway", "payments-team", "payments"), "go", [3, 2, 1], 10.0),
        &[],
        &["card-network"],
    ),
    plain(
        row(("payments", "fraud", "fraud-team", "fraud"), "python", [3, 2, 1], 30.0),
        &[needs("accounts", 0.4)],
        &["fraud-features"],
    ),
    plain(
        row(("payments", "ledger", "payments-team", "payments"), "dotnet", [3, 2, 1], 12.0),
        &[],
        &["ledger-store"],
    ),
    queued(
        row(("payments", "refunds", "payments-team", "payments"), "java", [2, 0, 1], 18.0),
        &[needs("payments", 0.5), needs("ledger", 0.5)],
        &[],
        &[],
        &["refund-requests"],
    ),
    queued(
        row(("payments", "invoicing", "payments-team", "payments"), "dotnet", [2, 0, 0], 45.0),
        &[call("media", 0.1, Need::Optional, Known::DeclaredOnly)],
        &["invoice-bucket"],
        &[],
        &["order-events"],
    ),
    entry(
        0.8,
        plain(
            row(("market", "seller-portal", "sellers-team", "sellers"), "nodejs", [3, 2, 1], 21.0),
            &[
                needs("listings", 1.0),
                needs("auth", 0.4),
                needs("accounts", 0.2),
                may("media", 0.2),
                needs("seller-onboarding", 0.02),
                call("commissions", 0.3, Need::Required, Known::ObservedOnly),
            ],
            &[],
        ),
    ),
    plain(
        row(("market", "listings", "listings-team", "listings"), "java", [3, 2, 1], 13.0),
        &[needs("catalogue", 0.6)],
        &["listings-db"],
    ),
    // One replica, and the seller portal cannot do without it: a planted single point.
    plain(
        row(("market", "seller-onboarding", "sellers-team", "sellers"), "python", [1, 0, 1], 26.0),
        &[needs("accounts", 1.0), needs("auth", 0.5)],
        &[],
    ),
    plain(
        row(("market", "commissions", "sellers-team", "sellers"), "go", [2, 0, 1], 9.0),
        &[needs("ledger", 0.5)],
        &["listings-db"],
    ),
    plain(
        row(("fulfilment", "inventory", "inventory-team", "inventory"), "go", [4, 2, 1], 8.0),
        &[],
        &["inventory-db"],
    ),
    queued(
        row(("fulfilment", "allocation", "inventory-team", "inventory"), "go", [2, 0, 1], 17.0),
        &[needs("inventory", 1.0), needs("warehouse", 0.8)],
        &[],
        &[],
        &["order-events"],
    ),
    queued(
        row(("fulfilment", "warehouse", "warehouse-team", "warehouse"), "java", [3, 0, 1], 15.0),
        &[needs("inventory", 0.4)],
        &["warehouse-db"],
        &["shipment-events"],
        &[],
    ),
    plain(
        row(("fulfilment", "shipping", "delivery-team", "delivery"), "go", [3, 2, 1], 9.0),
        &[needs("carrier-adapter", 0.6)],
        &[],
    ),
    plain(
        row(
            ("fulfilment", "carrier-adapter", "delivery-team", "delivery"),
            "java",
            [2, 2, 1],
            14.0,
        ),
        &[],
        &["carrier-rates"],
    ),
    entry(
        0.65,
        queued(
            row(("fulfilment", "tracking", "delivery-team", "delivery"), "go", [2, 2, 1], 10.0),
            &[may("shipping", 0.2)],
            &["warehouse-db"],
            &[],
            &["shipment-events"],
        ),
    ),
    queued(
        row(("fulfilment", "returns", "delivery-team", "delivery"), "python", [2, 0, 1], 22.0),
        &[needs("orders", 1.0), needs("warehouse", 0.6)],
        &[],
        &["refund-requests"],
        &[],
    ),
    entry(
        0.5,
        plain(
            row(("loyalty", "rewards", "loyalty-team", "loyalty"), "nodejs", [2, 2, 1], 13.0),
            &[needs("points", 1.0), needs("auth", 0.4), may("vouchers", 0.3)],
            &[],
        ),
    ),
    queued(
        row(("loyalty", "points", "loyalty-team", "loyalty"), "go", [2, 2, 1], 7.0),
        &[],
        &["loyalty-db"],
        &[],
        &["order-events"],
    ),
    plain(
        row(("loyalty", "vouchers", "loyalty-team", "loyalty"), "go", [2, 1, 1], 6.0),
        &[needs("points", 0.5)],
        &[],
    ),
    plain(
        row(("identity", "auth", "identity-team", "identity"), "go", [4, 3, 1], 5.0),
        &[needs("accounts", 0.3)],
        &["sessions-cache"],
    ),
    plain(
        row(("identity", "accounts", "identity-team", "identity"), "java", [4, 2, 1], 9.0),
        &[],
        &["accounts-db"],
    ),
    queued(
        row(("platform", "notifications", "platform-team", "messaging"), "nodejs", [3, 2, 1], 19.0),
        &[needs("email-sender", 0.8), may("sms-sender", 0.2)],
        &[],
        &[],
        &["order-events"],
    ),
    plain(
        row(("platform", "email-sender", "platform-team", "messaging"), "go", [2, 1, 1], 25.0),
        &[],
        &["mail-relay"],
    ),
    // One replica, reached only through an optional call behind a queue: a decoy.
    plain(
        row(("platform", "sms-sender", "platform-team", "messaging"), "go", [1, 1, 1], 30.0),
        &[],
        &[],
    ),
    plain(
        row(("platform", "feature-flags", "platform-team", "foundations"), "go", [2, 2, 1], 3.0),
        &[],
        &[],
    ),
    queued(
        row(("platform", "audit", "platform-team", "foundations"), "java", [2, 0, 1], 12.0),
        &[],
        &["lake-bucket"],
        &[],
        &["order-events"],
    ),
    entry(
        2.4,
        plain(
            row(("data", "analytics-collector", "data-team", "analytics"), "go", [3, 2, 1], 4.0),
            &[],
            &["lake-bucket"],
        ),
    ),
    entry(
        0.02,
        plain(
            row(("data", "reporting", "data-team", "analytics"), "python", [2, 0, 0], 120.0),
            &[],
            &["orders-replica", "ledger-store"],
        ),
    ),
    entry(
        0.1,
        plain(
            row(
                ("platform", "synthetic-prober", "platform-team", "foundations"),
                "python",
                [1, 1, 0],
                2.0,
            ),
            &[needs("web-storefront", 0.6), needs("mobile-bff", 0.4)],
            &[],
        ),
    ),
];
