//! The form in which rows leave one store and enter another: CSV with a heading, as PostgreSQL writes it, one
//! file a table. What a store keeps in another way it turns into this form, and back.

/// A table of an archive.
#[derive(Debug, Clone, Copy)]
pub struct ArchivedTable {
    /// Its name in every store.
    pub name: &'static str,
    /// Whether it holds what people and the program decide.
    pub is_record: bool,
    columns: &'static str,
}

/// How a column is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As it is.
    Plain,
    /// 64 bits with the first turned, as a signed number: it sorts as the unsigned one.
    Turned,
    /// 64 bits in hex after `\x`.
    Bytes8,
    /// 128 bits in hex after `\x`, which may be kept as two halves of these names.
    Bytes16(&'static str, &'static str),
    /// 128 bits in hex that follow from the other columns.
    Derived,
}

/// What stands for nothing; a text that reads so is quoted.
pub const NULL: &str = "\\N";

const fn table(name: &'static str, is_record: bool, columns: &'static str) -> ArchivedTable {
    ArchivedTable { name, is_record, columns }
}

/// Every table, in the order in which they are put back.
pub const TABLES: &[ArchivedTable] = &[
    table(
        "subject",
        false,
        "id entity canonical kind name account region zone cluster namespace \
         environment owner application",
    ),
    table(
        "series",
        false,
        "id subject name_hash source metric labels signal factor unit series_type \
         description",
    ),
    table("histogram", false, "series instant period count sum bins fingerprint observed_at"),
    table(
        "rollup_hour",
        false,
        "series instant count sum min max first_at first last_at last increase",
    ),
    table("rollup_bin", false, "series instant bin count"),
    table("rollup_dirty", false, "series instant"),
    table(
        "span",
        false,
        "trace_id span_id kind parent_id subject service name start_at end_at \
         is_error peer sampling_probability attributes fingerprint observed_at",
    ),
    table(
        "edge_minute",
        false,
        "client server operation instant origin is_asynchronous is_scaled calls \
         errors client_bins server_bins observed_at",
    ),
    table("call_outcome", false, "client server instant failures requests survived"),
    table("log_minute", false, "subject instant severity count origin"),
    table(
        "record",
        false,
        "record key source external_id class title status instant until count \
         body fingerprint observed_at",
    ),
    table("record_subject", false, "record key subject position"),
    table(
        "bill",
        false,
        "id format billing_account billing_period_start name exported_at \
         content_hash rows days state reason",
    ),
    table("charge_file", false, "id content_hash format name exported_at row_last is_complete"),
    table(
        "charge_line",
        false,
        "id hash resource tagset billing_account billing_period_start \
         billing_period_end sub_account sub_account_name provider publisher \
         service service_category region zone category class frequency \
         description pricing_category commitment_id commitment_status sku \
         resource_id resource_name resource_type currency unit operation",
    ),
    table("charge_tagset", false, "id hash"),
    table("charge_tag", false, "tagset name value"),
    table(
        "charge",
        false,
        "bill file line start_at end_at billed effective list contracted quantity",
    ),
    table("telemetry_mark", false, "name number"),
    table("telemetry_version", false, "kind number newest"),
    table("sample", false, "series instant value observed_at"),
    table(
        "intake",
        true,
        "id run name content_hash format source observed_at observed_by \
         received_at outcome is_finished",
    ),
    table("reject", true, "intake number source location reason count"),
    table("setting", true, "name value"),
    table("decision", true, "id target action author reason decided_at until"),
    table("rule_set", true, "version text author put_at"),
    table("delivery_choice", true, "format billing_account billing_period_start name choice"),
    table("account", true, "name role scope password_hash is_disabled created_at password_at"),
    table("api_token", true, "hash prefix account label role created_at expires_at revoked_at"),
    table("audit", true, "id done_at who action target address outcome"),
    table("sequence", false, "journal store number"),
];

impl ArchivedTable {
    /// Its columns with their forms, in order.
    pub fn columns(&self) -> impl Iterator<Item = (&'static str, Form)> {
        let table = self.name;
        self.columns.split(' ').map(move |column| (column, form(table, column)))
    }

    /// Name of its file.
    pub fn file_name(&self) -> String {
        format!("{}.csv.gz", self.name)
    }
}

fn form(table: &str, column: &str) -> Form {
    match (table, column) {
        (_, "fingerprint") | ("series", "description") | ("log_minute", "origin") => Form::Turned,
        ("span", "span_id" | "parent_id") => Form::Bytes8,
        ("span", "trace_id") => Form::Bytes16("trace_high", "trace_low"),
        ("charge_line", "hash") => Form::Bytes16("hash_high", "hash_low"),
        ("series", "name_hash") | ("charge_tagset", "hash") => Form::Derived,
        _ => Form::Plain,
    }
}
