//! Bounds of what one input may cost.

/// Bounds of reading one input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of an input as received.
    pub input_bytes: u64,
    /// Bytes of an input, or of all members of an archive together, after unpacking.
    pub unpacked_bytes: u64,
    /// Unpacked bytes per packed byte, once more than `ratio_from_bytes` are unpacked.
    pub ratio: u64,
    /// Unpacked bytes up to which no ratio is too high.
    pub ratio_from_bytes: u64,
    /// Members of a zip archive.
    pub members: usize,
    /// Archives inside archives (a gzip member of a zip is one inside another).
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            input_bytes: 4 << 30,
            unpacked_bytes: 8 << 30,
            ratio: 300,
            ratio_from_bytes: 64 << 20,
            members: 100_000,
            depth: 3,
        }
    }
}
