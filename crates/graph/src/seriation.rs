//! An order of rows in which what is strongly tied stands together.
//!
//! Definition: the ties are made symmetric by adding both directions. Connected parts stand one after
//! the other, larger first, then by lowest row. Inside a part rows are in order of their value in the
//! Fiedler vector, the eigenvector of the second smallest eigenvalue of the Laplacian (diagonal: sum of
//! a row's ties, else minus the tie). Its sign is such that the lowest row whose value is not 0 has a
//! negative one; values that differ by less than 10⁻⁷ of the greatest are equal, and stand by row. Where
//! the eigenvalue is a multiple one, the vector is one of its eigenspace, always the same for the same
//! input.
//! Complexity: O(n³/6) multiplications and 8·n² bytes for a part of n rows; meant for up to about 2,000.
//! Source: Fiedler, A property of eigenvectors of nonnegative symmetric matrices and its application to
//! graph theory (1975); Barnard, Pothen and Simon, A spectral algorithm for envelope reduction (1995);
//! the vector as `fiedler`.

use std::collections::BTreeMap;

use crate::fiedler::fiedler_vector;

/// What counts as equal, as a part of the greatest value.
const EQUAL: f64 = 1e-7;

/// A tie between two rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tie {
    /// One row.
    pub a: u32,
    /// The other.
    pub b: u32,
    /// Strength; one that is not above 0 is no tie.
    pub weight: f64,
}

/// An order of rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seriation {
    /// The rows.
    pub order: Vec<u32>,
    /// How many of them each connected part has, in the same order.
    pub parts: Vec<u32>,
}

/// The spectral order of rows 0 to `rows` − 1. A tie with an end that is no row is left out.
pub fn seriation(rows: u32, ties: &[Tie]) -> Seriation {
    let mut weights: BTreeMap<(u32, u32), f64> = BTreeMap::new();
    for tie in ties {
        let is_tie = tie.weight > 0.0 && tie.weight.is_finite() && tie.a != tie.b;
        if is_tie && tie.a < rows && tie.b < rows {
            *weights.entry((tie.a.min(tie.b), tie.a.max(tie.b))).or_default() += tie.weight;
        }
    }
    let mut parts = connected(rows, weights.keys().copied());
    parts.sort_by_key(|part| (std::cmp::Reverse(part.len()), part.first().copied()));
    let mut part_of = vec![(0_u32, 0_usize); rows as usize];
    for (number, part) in (0..).zip(&parts) {
        for (place, row) in part.iter().enumerate() {
            part_of[*row as usize] = (number, place);
        }
    }
    let mut inside: Vec<Vec<(usize, usize, f64)>> = vec![Vec::new(); parts.len()];
    for ((a, b), weight) in weights {
        let ((part, a), (_, b)) = (part_of[a as usize], part_of[b as usize]);
        inside[part as usize].push((a, b, weight));
    }
    let mut found = Seriation::default();
    for (part, ties) in parts.iter().zip(&inside) {
        found.parts.push(part.len() as u32);
        found.order.extend(in_order(part, ties));
    }
    found
}

/// The rows of each connected part, in order.
fn connected(rows: u32, ties: impl Iterator<Item = (u32, u32)>) -> Vec<Vec<u32>> {
    let mut root_of: Vec<u32> = (0..rows).collect();
    let root = |root_of: &mut Vec<u32>, mut row: u32| {
        while root_of[row as usize] != row {
            root_of[row as usize] = root_of[root_of[row as usize] as usize];
            row = root_of[row as usize];
        }
        row
    };
    for (a, b) in ties {
        let (a, b) = (root(&mut root_of, a), root(&mut root_of, b));
        root_of[a.max(b) as usize] = a.min(b);
    }
    let mut parts: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for row in 0..rows {
        parts.entry(root(&mut root_of, row)).or_default().push(row);
    }
    parts.into_values().collect()
}

fn in_order(part: &[u32], ties: &[(usize, usize, f64)]) -> Vec<u32> {
    if part.len() < 3 {
        return part.to_vec();
    }
    let mut values = fiedler_vector(part.len(), ties);
    let greatest = values.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
    let equal = greatest * EQUAL;
    if values.iter().find(|value| value.abs() > equal).is_some_and(|first| *first > 0.0) {
        values.iter_mut().for_each(|value| *value = -*value);
    }
    let mut order: Vec<usize> = (0..part.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    // Each run of values without a gap between neighbours is in order of row.
    let mut from = 0;
    for to in 1..=order.len() {
        if to == order.len() || values[order[to]] - values[order[to - 1]] > equal {
            order[from..to].sort_unstable();
            from = to;
        }
    }
    order.into_iter().map(|place| part[place]).collect()
}
