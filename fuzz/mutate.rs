//! Mutations of seeds that need no instrumented build: deterministic, so that a finding can be had again.

/// Words on which parsers turn.
const WORDS: [&[u8]; 18] = [
    b"null",
    b"NaN",
    b"-1",
    b"1e309",
    b"18446744073709551616",
    b"0001-01-01T00:00:00Z",
    b"9999-12-31T23:59:59.999999999Z",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\0",
    b"{",
    b"[[[[[[[[[[[[[[[[",
    b"}",
    b"\"",
    b"\\u0000",
    b",,",
    b"\n",
    b"NULL",
];

/// Numbers that look random (xorshift64*, Vigna 2016).
pub struct Random(u64);

impl Random {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed ^ 0x9e37_79b9_7f4a_7c15)
    }

    /// The next one below `end`; 0 when that is 0.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16;
        (number % end.max(1) as u64) as usize
    }
}

/// One of the seeds, changed at one to eight places.
pub fn mutated(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut bytes = seeds[random.below(seeds.len())].clone();
    for _ in 0..=random.below(8) {
        mutate(&mut bytes, seeds, random);
    }
    bytes
}

fn mutate(bytes: &mut Vec<u8>, seeds: &[Vec<u8>], random: &mut Random) {
    let at = random.below(bytes.len() + 1);
    let end = (at + random.below(64)).min(bytes.len());
    match random.below(8) {
        0 => bytes.truncate(at),
        1 => drop(bytes.drain(at..end)),
        2 => {
            let part = bytes[at..end].to_vec();
            let to = random.below(bytes.len() + 1);
            bytes.splice(to..to, part);
        }
        3 => {
            let word = WORDS[random.below(WORDS.len())];
            bytes.splice(at..end.min(at + word.len()), word.iter().copied());
        }
        4 => {
            let word = WORDS[random.below(WORDS.len())];
            bytes.splice(at..at, word.iter().copied());
        }
        5 => {
            let other = &seeds[random.below(seeds.len())];
            let from = random.below(other.len() + 1);
            let part = other[from..(from + random.below(200)).min(other.len())].to_vec();
            bytes.splice(at..end, part);
        }
        6 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
        _ if at < bytes.len() => bytes[at] = random.below(256) as u8,
        _ => bytes.push(random.below(256) as u8),
    }
}
