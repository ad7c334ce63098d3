//! Lists of `u32` by row, side by side in one array.
//!
//! Definition: the list of row r is `items[offsets[r]..offsets[r + 1]]`, its items in the order in
//! which they were given.
//! Complexity: O(rows + items) by one stable counting sort; 4 bytes an item and 4 a row.
//! Source: Seward, Information sorting in the application of electronic digital computers (1954).

use std::ops::Range;

/// Lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Lists {
    offsets: Vec<u32>,
    items: Vec<u32>,
}

impl Lists {
    /// The lists of some pairs of row and item. There are fewer than 2³² pairs, and every row is
    /// below `rows`: callers have seen to both.
    pub fn new(rows: u32, pairs: impl Iterator<Item = (u32, u32)> + Clone) -> Self {
        let mut offsets = vec![0_u32; rows as usize + 1];
        for (row, _) in pairs.clone() {
            offsets[row as usize + 1] += 1;
        }
        for row in 1..offsets.len() {
            offsets[row] += offsets[row - 1];
        }
        let mut items = vec![0; offsets.last().map_or(0, |end| *end as usize)];
        let mut next = offsets.clone();
        for (row, item) in pairs {
            let slot = &mut next[row as usize];
            items[*slot as usize] = item;
            *slot += 1;
        }
        Self { offsets, items }
    }

    /// Rows.
    pub fn rows(&self) -> u32 {
        u32::try_from(self.offsets.len().saturating_sub(1)).unwrap_or(u32::MAX)
    }

    /// Where the list of a row is; nowhere when there is no such row.
    pub fn range(&self, row: u32) -> Range<usize> {
        let place = row as usize;
        match self.offsets.get(place).zip(self.offsets.get(place.saturating_add(1))) {
            Some((start, end)) => *start as usize..*end as usize,
            None => 0..0,
        }
    }

    /// The list of a row; empty when there is no such row.
    pub fn row(&self, row: u32) -> &[u32] {
        &self.items[self.range(row)]
    }

    /// The lists of neighbouring rows as one.
    pub fn span(&self, rows: Range<u32>) -> &[u32] {
        if rows.is_empty() {
            return &[];
        }
        &self.items[self.range(rows.start).start..self.range(rows.end - 1).end]
    }

    /// Every pair of row and item.
    pub fn pairs(&self) -> impl Iterator<Item = (u32, u32)> + Clone + '_ {
        (0..self.rows()).flat_map(|row| self.row(row).iter().map(move |item| (row, *item)))
    }
}
