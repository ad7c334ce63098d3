//! Prometheus remote write 1.0: a protobuf `WriteRequest` in a snappy block.

use prost::Message;

/// A batch of series.
#[derive(Clone, PartialEq, Message)]
pub struct WriteRequest {
    /// Series.
    #[prost(message, repeated, tag = "1")]
    pub timeseries: Vec<TimeSeries>,
}

/// One series with its samples, oldest first.
#[derive(Clone, PartialEq, Message)]
pub struct TimeSeries {
    /// Labels by name, `__name__` among them.
    #[prost(message, repeated, tag = "1")]
    pub labels: Vec<Label>,
    /// Samples.
    #[prost(message, repeated, tag = "2")]
    pub samples: Vec<Sample>,
}

/// A label.
#[derive(Clone, PartialEq, Message)]
pub struct Label {
    /// Name.
    #[prost(string, tag = "1")]
    pub name: String,
    /// Value.
    #[prost(string, tag = "2")]
    pub value: String,
}

/// A sample.
#[derive(Clone, PartialEq, Message)]
pub struct Sample {
    /// Value.
    #[prost(double, tag = "1")]
    pub value: f64,
    /// Milliseconds since 1970.
    #[prost(int64, tag = "2")]
    pub timestamp: i64,
}

impl TimeSeries {
    /// A series of these labels, which are sorted here.
    pub fn new(labels: &[(&str, &str)], samples: Vec<Sample>) -> Self {
        let mut labels: Vec<Label> = labels
            .iter()
            .map(|(name, value)| Label { name: (*name).to_owned(), value: (*value).to_owned() })
            .collect();
        labels.sort_by(|a, b| a.name.cmp(&b.name));
        Self { labels, samples }
    }
}

/// The body of a request.
pub fn body(request: &WriteRequest) -> Vec<u8> {
    // A raw block of this size always fits, so the encoder has no way to fail.
    snap::raw::Encoder::new().compress_vec(&request.encode_to_vec()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_decodes_to_what_was_written() {
        let sample = Sample { value: 1.5, timestamp: 1000 };
        let series = TimeSeries::new(&[("node", "a"), ("__name__", "node_load1")], vec![sample]);
        let request = WriteRequest { timeseries: vec![series] };
        let plain = snap::raw::Decoder::new().decompress_vec(&body(&request)).unwrap();
        let again = WriteRequest::decode(plain.as_slice()).unwrap();
        assert_eq!(again, request);
        assert_eq!(again.timeseries[0].labels[0].name, "__name__");
    }
}
