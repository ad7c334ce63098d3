//! The messages of remote write, as far as they are read.

use prost::Message;

/// `prometheus.WriteRequest` and `io.prometheus.write.v2.Request`.
#[derive(Clone, PartialEq, Message)]
pub struct Request {
    /// Series of 1.0.
    #[prost(message, repeated, tag = "1")]
    pub timeseries: Vec<TimeSeries>,
    /// Metadata of 1.0.
    #[prost(message, repeated, tag = "3")]
    pub metadata: Vec<Metadata>,
    /// Texts of 2.0.
    #[prost(string, repeated, tag = "4")]
    pub symbols: Vec<String>,
    /// Series of 2.0.
    #[prost(message, repeated, tag = "5")]
    pub timeseries_v2: Vec<TimeSeriesV2>,
}

/// A series of 1.0.
#[derive(Clone, PartialEq, Message)]
pub struct TimeSeries {
    /// Labels, `__name__` among them.
    #[prost(message, repeated, tag = "1")]
    pub labels: Vec<Label>,
    /// Samples.
    #[prost(message, repeated, tag = "2")]
    pub samples: Vec<Sample>,
    /// Native histograms.
    #[prost(message, repeated, tag = "4")]
    pub histograms: Vec<Histogram>,
}

/// A label of 1.0.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Label {
    /// Name.
    #[prost(string, tag = "1")]
    pub name: String,
    /// Value.
    #[prost(string, tag = "2")]
    pub value: String,
}

/// A sample.
#[derive(Clone, Copy, PartialEq, Message)]
pub struct Sample {
    /// Value.
    #[prost(double, tag = "1")]
    pub value: f64,
    /// Milliseconds since 1970.
    #[prost(int64, tag = "2")]
    pub timestamp: i64,
}

/// What 1.0 says about a family.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Metadata {
    /// Type.
    #[prost(int32, tag = "1")]
    pub kind: i32,
    /// Family.
    #[prost(string, tag = "2")]
    pub family: String,
    /// Unit.
    #[prost(string, tag = "5")]
    pub unit: String,
}

/// A series of 2.0.
#[derive(Clone, PartialEq, Message)]
pub struct TimeSeriesV2 {
    /// Names and values by turns, as positions in the symbols.
    #[prost(uint32, repeated, tag = "1")]
    pub labels_refs: Vec<u32>,
    /// Samples.
    #[prost(message, repeated, tag = "2")]
    pub samples: Vec<Sample>,
    /// Native histograms.
    #[prost(message, repeated, tag = "3")]
    pub histograms: Vec<Histogram>,
    /// Type and unit.
    #[prost(message, optional, tag = "5")]
    pub metadata: Option<MetadataV2>,
}

/// What 2.0 says about a series.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct MetadataV2 {
    /// Type.
    #[prost(int32, tag = "1")]
    pub kind: i32,
    /// Unit, as a position in the symbols.
    #[prost(uint32, tag = "4")]
    pub unit_ref: u32,
}

/// A native histogram.
#[derive(Clone, PartialEq, Message)]
pub struct Histogram {
    /// Observations, as a whole number.
    #[prost(uint64, optional, tag = "1")]
    pub count_int: Option<u64>,
    /// Observations, as a fraction.
    #[prost(double, optional, tag = "2")]
    pub count_float: Option<f64>,
    /// Sum of observations.
    #[prost(double, tag = "3")]
    pub sum: f64,
    /// Resolution, -4 to 8; -53 for custom bounds.
    #[prost(sint32, tag = "4")]
    pub schema: i32,
    /// Observations that are zero.
    #[prost(uint64, optional, tag = "6")]
    pub zero_count_int: Option<u64>,
    /// The same, as a fraction.
    #[prost(double, optional, tag = "7")]
    pub zero_count_float: Option<f64>,
    /// Runs of buckets below zero.
    #[prost(message, repeated, tag = "8")]
    pub negative_spans: Vec<Span>,
    /// Their counts, each as the difference from the one before.
    #[prost(sint64, repeated, tag = "9")]
    pub negative_deltas: Vec<i64>,
    /// Their counts, as fractions.
    #[prost(double, repeated, tag = "10")]
    pub negative_counts: Vec<f64>,
    /// Runs of buckets above zero.
    #[prost(message, repeated, tag = "11")]
    pub positive_spans: Vec<Span>,
    /// Their counts, each as the difference from the one before.
    #[prost(sint64, repeated, tag = "12")]
    pub positive_deltas: Vec<i64>,
    /// Their counts, as fractions.
    #[prost(double, repeated, tag = "13")]
    pub positive_counts: Vec<f64>,
    /// Milliseconds since 1970.
    #[prost(int64, tag = "15")]
    pub timestamp: i64,
    /// Upper bounds when the schema is -53.
    #[prost(double, repeated, tag = "16")]
    pub custom_values: Vec<f64>,
}

/// A run of buckets.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct Span {
    /// Gap before it, or the first index.
    #[prost(sint32, tag = "1")]
    pub offset: i32,
    /// Buckets.
    #[prost(uint32, tag = "2")]
    pub length: u32,
}
