//! Numbers, instants, texts and columns as bytes.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Unusable;

/// Stands for no instant, as in the estate.
const NEVER: i64 = i64::MIN;
/// What is wrong with bytes that end within a value.
const SHORT: Unusable = Unusable::Damaged("a value in it is cut short");
/// What is wrong with a number that is larger than what it counts.
const LARGE: Unusable = Unusable::Damaged("a number in it is too large");

/// Bytes to which values are added.
#[derive(Debug, Default)]
pub struct Out {
    bytes: Vec<u8>,
    /// The last instant: most are near the one before.
    last: i64,
}

impl Out {
    /// What was added.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Begins anew.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.last = 0;
    }

    /// One byte.
    pub fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    /// A number, small ones in few bytes (LEB128).
    pub fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }

    /// A place; none is the greatest number, and takes one byte.
    pub fn place(&mut self, place: u32) {
        self.number(u64::from(place.wrapping_add(1)));
    }

    /// A number of which all bits are alike.
    pub fn bits(&mut self, bits: u64) {
        self.bytes.extend_from_slice(&bits.to_le_bytes());
    }

    /// An instant, or none.
    pub fn instant(&mut self, at: i64) {
        if at == NEVER {
            return self.byte(0);
        }
        let step = at.wrapping_sub(std::mem::replace(&mut self.last, at));
        self.byte(1);
        self.number((step << 1 ^ step >> 63) as u64);
    }

    /// A text.
    pub fn text(&mut self, text: &str) {
        self.some_bytes(text.as_bytes());
    }

    /// A text that may be missing.
    pub fn maybe_text(&mut self, text: Option<&str>) {
        self.byte(u8::from(text.is_some()));
        if let Some(text) = text {
            self.text(text);
        }
    }

    /// Bytes of a form of their own.
    pub fn some_bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.bytes.extend_from_slice(bytes);
    }

    /// A value of an irregular kind.
    pub fn document(&mut self, value: &impl Serialize) {
        let bytes = rmp_serde::to_vec_named(value).expect("the model's values have an encoding");
        self.some_bytes(&bytes);
    }

    /// A column: the least, and each as what it is more in as few bytes as the greatest needs.
    pub fn column(&mut self, values: impl Iterator<Item = u64> + Clone) {
        let least = values.clone().min().unwrap_or_default();
        let most = values.clone().max().unwrap_or_default().wrapping_sub(least);
        let width = (u64::BITS - most.leading_zeros()).div_ceil(u8::BITS) as usize;
        self.bits(least);
        self.byte(width as u8);
        for value in values {
            self.bytes.extend_from_slice(&(value - least).to_le_bytes()[..width]);
        }
    }
}

/// Bytes from which values are taken, in the order in which they were added.
#[derive(Debug)]
pub struct In<'a> {
    bytes: &'a [u8],
    last: i64,
}

impl<'a> In<'a> {
    /// Of bytes that [`Out`] gave.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, last: 0 }
    }

    /// Whether everything was taken.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    fn slice(&mut self, len: usize) -> Result<&'a [u8], Unusable> {
        let (taken, rest) = self.bytes.split_at_checked(len).ok_or(SHORT)?;
        self.bytes = rest;
        Ok(taken)
    }

    /// One byte.
    pub fn byte(&mut self) -> Result<u8, Unusable> {
        let (byte, rest) = self.bytes.split_first().ok_or(SHORT)?;
        self.bytes = rest;
        Ok(*byte)
    }

    /// One of two.
    pub fn is_set(&mut self) -> Result<bool, Unusable> {
        Ok(self.byte()? != 0)
    }

    /// A number.
    pub fn number(&mut self) -> Result<u64, Unusable> {
        let mut number = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(LARGE)
    }

    /// A number that counts what is in memory.
    pub fn count(&mut self) -> Result<usize, Unusable> {
        usize::try_from(self.number()?)
            .ok()
            .filter(|count| *count <= u32::MAX as usize)
            .ok_or(LARGE)
    }

    /// A place, or none.
    pub fn place(&mut self) -> Result<u32, Unusable> {
        let place = u32::try_from(self.number()?).ok().ok_or(LARGE)?;
        Ok(place.wrapping_sub(1))
    }

    /// A number of which all bits are alike.
    pub fn bits(&mut self) -> Result<u64, Unusable> {
        let bytes = self.slice(size_of::<u64>())?;
        bytes.try_into().map(u64::from_le_bytes).ok().ok_or(SHORT)
    }

    /// An instant, or none.
    pub fn instant(&mut self) -> Result<i64, Unusable> {
        if !self.is_set()? {
            return Ok(NEVER);
        }
        let step = self.number()?;
        let step = (step >> 1) as i64 ^ -((step & 1) as i64);
        self.last = self.last.wrapping_add(step);
        Ok(self.last)
    }

    /// A text.
    pub fn text(&mut self) -> Result<&'a str, Unusable> {
        std::str::from_utf8(self.some_bytes()?)
            .ok()
            .ok_or(Unusable::Damaged("a text in it is none"))
    }

    /// A text that may be missing.
    pub fn maybe_text(&mut self) -> Result<Option<&'a str>, Unusable> {
        self.is_set()?.then(|| self.text()).transpose()
    }

    /// Bytes of a form of their own.
    pub fn some_bytes(&mut self) -> Result<&'a [u8], Unusable> {
        let len = self.count()?;
        self.slice(len)
    }

    /// A value of an irregular kind.
    pub fn document<T: DeserializeOwned>(&mut self) -> Result<T, Unusable> {
        let value = rmp_serde::from_slice(self.some_bytes()?);
        value.ok().ok_or(Unusable::Damaged("a value in it is not what this program writes"))
    }

    /// A column of so many values, in the place of what `into` held.
    pub fn column(&mut self, count: usize, into: &mut Vec<u64>) -> Result<(), Unusable> {
        let (least, width) = (self.bits()?, usize::from(self.byte()?));
        let len = count.checked_mul(width).ok_or(LARGE)?;
        let bytes = self.slice(len)?;
        into.clear();
        match width {
            0 => into.resize(count, least),
            1 => unpack::<1>(bytes, least, into),
            2 => unpack::<2>(bytes, least, into),
            3 => unpack::<3>(bytes, least, into),
            4 => unpack::<4>(bytes, least, into),
            5 => unpack::<5>(bytes, least, into),
            6 => unpack::<6>(bytes, least, into),
            7 => unpack::<7>(bytes, least, into),
            8 => unpack::<8>(bytes, least, into),
            _ => return Err(LARGE),
        }
        Ok(())
    }
}

/// Each width is a loop of its own, which the compiler turns into a few instructions.
fn unpack<const WIDTH: usize>(bytes: &[u8], least: u64, into: &mut Vec<u64>) {
    into.extend(bytes.chunks_exact(WIDTH).map(|chunk| {
        let mut value = [0; 8];
        value[..WIDTH].copy_from_slice(chunk);
        least.wrapping_add(u64::from_le_bytes(value))
    }));
}
