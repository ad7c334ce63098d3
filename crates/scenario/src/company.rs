//! Larkfield, the online retailer of the demonstration: its organisation, its products, its cloud
//! accounts, and the three environments it runs.

/// One node of the organisation or product tree.
#[derive(Debug, Clone, Copy)]
pub struct Unit {
    /// Short stable id.
    pub id: &'static str,
    /// Id of the unit above, empty for the root.
    pub parent: &'static str,
    /// `organisation`, `business_unit`, `team`, `product` or `application`.
    pub kind: &'static str,
    /// What people call it.
    pub name: &'static str,
}

const fn unit(
    id: &'static str,
    parent: &'static str,
    kind: &'static str,
    name: &'static str,
) -> Unit {
    Unit { id, parent, kind, name }
}

/// The ownership tree down to teams, and the products.
pub const UNITS: &[Unit] = &[
    unit("larkfield", "", "organisation", "Larkfield"),
    unit("retail", "larkfield", "business_unit", "Online Retail"),
    unit("marketplace", "larkfield", "business_unit", "Marketplace"),
    unit("fulfilment", "larkfield", "business_unit", "Fulfilment"),
    unit("payments-risk", "larkfield", "business_unit", "Payments and Risk"),
    unit("technology", "larkfield", "business_unit", "Technology Platform"),
    unit("storefront-team", "retail", "team", "Storefront"),
    unit("search-team", "retail", "team", "Search"),
    unit("catalogue-team", "retail", "team", "Catalogue"),
    unit("checkout-team", "retail", "team", "Checkout"),
    unit("loyalty-team", "retail", "team", "Loyalty"),
    unit("sellers-team", "marketplace", "team", "Sellers"),
    unit("listings-team", "marketplace", "team", "Listings"),
    unit("inventory-team", "fulfilment", "team", "Inventory"),
    unit("warehouse-team", "fulfilment", "team", "Warehouse"),
    unit("delivery-team", "fulfilment", "team", "Delivery"),
    unit("payments-team", "payments-risk", "team", "Payments"),
    unit("fraud-team", "payments-risk", "team", "Fraud"),
    unit("platform-team", "technology", "team", "Platform and Reliability"),
    unit("identity-team", "technology", "team", "Identity"),
    unit("data-team", "technology", "team", "Data"),
    unit("shop", "larkfield", "product", "Larkfield Shop"),
    unit("market", "larkfield", "product", "Larkfield Market"),
    unit("ship", "larkfield", "product", "Larkfield Ship"),
    unit("rewards-club", "larkfield", "product", "Larkfield Rewards"),
];

/// An application: the team that owns it and the products it serves with their shares.
#[derive(Debug, Clone, Copy)]
pub struct Application {
    /// Short stable id; the value of the `app.kubernetes.io/part-of` label.
    pub id: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// Team that owns it.
    pub team: &'static str,
    /// Product and the share of the application's weight that it gets; shares add up to 1.
    pub products: &'static [(&'static str, &'static str)],
}

const fn application(
    id: &'static str,
    name: &'static str,
    team: &'static str,
    products: &'static [(&'static str, &'static str)],
) -> Application {
    Application { id, name, team, products }
}

/// Every application.
pub const APPLICATIONS: &[Application] = &[
    application("storefront", "Storefront", "storefront-team", &[("shop", "1")]),
    application("search", "Search and Recommendations", "search-team", &[("shop", "1")]),
    application("catalogue", "Catalogue", "catalogue-team", &[("shop", "0.7"), ("market", "0.3")]),
    application("checkout", "Checkout", "checkout-team", &[("shop", "0.8"), ("market", "0.2")]),
    application("payments", "Payments", "payments-team", &[("shop", "0.75"), ("market", "0.25")]),
    application("fraud", "Fraud", "fraud-team", &[("shop", "0.75"), ("market", "0.25")]),
    application("sellers", "Seller Portal", "sellers-team", &[("market", "1")]),
    application("listings", "Listings", "listings-team", &[("market", "1")]),
    application("inventory", "Inventory", "inventory-team", &[("shop", "0.6"), ("ship", "0.4")]),
    application("warehouse", "Warehouse", "warehouse-team", &[("ship", "1")]),
    application("delivery", "Delivery", "delivery-team", &[("ship", "1")]),
    application("loyalty", "Loyalty", "loyalty-team", &[("rewards-club", "1")]),
    application("identity", "Identity", "identity-team", &[]),
    application("messaging", "Customer Messaging", "platform-team", &[]),
    application("foundations", "Foundations", "platform-team", &[]),
    application("analytics", "Analytics", "data-team", &[]),
];

/// A cloud account.
#[derive(Debug, Clone, Copy)]
pub struct Account {
    /// Twelve digits.
    pub id: &'static str,
    /// Its alias.
    pub name: &'static str,
}

/// The production account.
pub const PRODUCTION: Account = Account { id: "471902836155", name: "larkfield-production" };
/// The account of staging and data.
pub const NONPRODUCTION: Account = Account { id: "620418953377", name: "larkfield-staging-data" };

/// One environment: a cluster in a region of an account with its own network and stores.
#[derive(Debug, Clone, Copy)]
pub struct Environment {
    /// Position in every per-environment table: 0 production, 1 production-eu, 2 staging.
    pub index: usize,
    /// `deployment.environment.name`.
    pub name: &'static str,
    /// Name of the EKS cluster.
    pub cluster: &'static str,
    /// Account it is paid from.
    pub account: Account,
    /// Region code.
    pub region: &'static str,
    /// The region as bills print it.
    pub region_name: &'static str,
    /// Letters of the zones used, and their zone ids.
    pub zones: &'static [(&'static str, &'static str)],
    /// Second octet of the VPC's 10.x.0.0/16.
    pub octet: u8,
    /// Nodes per zone.
    pub nodes_per_zone: usize,
    /// Instance type of the nodes.
    pub node_type: &'static str,
    /// Kubernetes version of the control plane.
    pub kubernetes: &'static str,
    /// Traffic relative to production.
    pub traffic: f64,
}

/// The three environments in the order of their `index`.
pub const ENVIRONMENTS: [Environment; 3] = [
    Environment {
        index: 0,
        name: "production",
        cluster: "larkfield-prod-use1",
        account: PRODUCTION,
        region: "us-east-1",
        region_name: "US East (N. Virginia)",
        zones: &[("a", "use1-az4"), ("b", "use1-az6"), ("c", "use1-az1")],
        octet: 20,
        nodes_per_zone: 4,
        node_type: "m6i.2xlarge",
        kubernetes: "1.33",
        traffic: 1.0,
    },
    Environment {
        index: 1,
        name: "production-eu",
        cluster: "larkfield-prod-euw1",
        account: PRODUCTION,
        region: "eu-west-1",
        region_name: "EU (Ireland)",
        zones: &[("a", "euw1-az3"), ("b", "euw1-az1")],
        octet: 30,
        nodes_per_zone: 3,
        node_type: "m6i.2xlarge",
        kubernetes: "1.33",
        traffic: 0.55,
    },
    Environment {
        index: 2,
        name: "staging",
        cluster: "larkfield-staging-use1",
        account: NONPRODUCTION,
        region: "us-east-1",
        region_name: "US East (N. Virginia)",
        zones: &[("a", "use1-az2"), ("b", "use1-az4")],
        octet: 40,
        nodes_per_zone: 2,
        node_type: "m6i.xlarge",
        kubernetes: "1.32",
        traffic: 0.02,
    },
];
