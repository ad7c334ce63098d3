//! A long list in pieces of memory: it grows without moving what is there, so that growing needs neither
//! a copy's time nor, for that time, its memory, and it takes no more than one piece too much.

use std::ops::{Index, IndexMut};

use super::file::kind::ROWS;

/// Elements of a piece: as many as a frame of the file takes together.
const PIECE: usize = ROWS;
const BITS: u32 = PIECE.trailing_zeros();
const WITHIN: usize = PIECE - 1;
const _: () = assert!(PIECE.is_power_of_two(), "a place is split by its bits");

/// The list.
#[derive(Debug)]
pub struct Slab<T> {
    /// All but the last are full.
    pieces: Vec<Vec<T>>,
    len: usize,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self { pieces: Vec::new(), len: 0 }
    }
}

impl<T> Slab<T> {
    /// How many elements there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// The element at a place.
    pub fn get(&self, place: usize) -> Option<&T> {
        self.pieces.get(place >> BITS)?.get(place & WITHIN)
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, place: usize) -> Option<&mut T> {
        self.pieces.get_mut(place >> BITS)?.get_mut(place & WITHIN)
    }

    /// Adds an element at the end.
    pub fn push(&mut self, element: T) {
        if self.len & WITHIN == 0 {
            // The first grows as it must, so that a small estate stays small.
            let room = if self.len == 0 { 0 } else { PIECE };
            self.pieces.push(Vec::with_capacity(room));
        }
        self.pieces.last_mut().expect("there is one with room").push(element);
        self.len += 1;
    }

    /// Adds elements until there are so many.
    pub fn grow(&mut self, len: usize, mut make: impl FnMut() -> T) {
        while self.len < len {
            self.push(make());
        }
    }

    /// The elements, in order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.pieces.iter().flatten()
    }

    /// The elements, in order, some at a time.
    pub fn pieces(&self) -> impl Iterator<Item = &[T]> {
        self.pieces.iter().map(Vec::as_slice)
    }
}

impl<T> Extend<T> for Slab<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, elements: I) {
        elements.into_iter().for_each(|element| self.push(element));
    }
}

impl<T> Index<usize> for Slab<T> {
    type Output = T;

    fn index(&self, place: usize) -> &T {
        &self.pieces[place >> BITS][place & WITHIN]
    }
}

impl<T> IndexMut<usize> for Slab<T> {
    fn index_mut(&mut self, place: usize) -> &mut T {
        &mut self.pieces[place >> BITS][place & WITHIN]
    }
}
