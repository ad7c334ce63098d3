//! The Fiedler vector of a connected weighted graph.
//!
//! Definition: the unit eigenvector of the second smallest eigenvalue of the Laplacian L, orthogonal to
//! the vector of ones, whose eigenvalue is 0.
//! Method: L + s·11ᵀ/n is positive definite and differs from L in the vector of ones alone. It is factored
//! once by Cholesky; Lanczos on its inverse, orthogonalised in full twice, finds the greatest eigenvalue
//! there, which is the smallest of L but 0, within few steps since the inverse spreads the small ones
//! apart. It starts again from what it found until the residual is at rounding or falls no more.
//! The starting vector is a fixed sequence without any symmetry, so that no eigenvector is missed by
//! symmetry and the same input gives the same vector.
//! Complexity: n³/6 multiplications for the factor, 2·n² a step; 8·n² bytes.
//! Source: Ericsson and Ruhe, The spectral transformation Lanczos method (1980); Parlett, The symmetric
//! eigenvalue problem (1980), for orthogonalising twice.

/// Most steps before starting again.
const STEPS: usize = 60;

/// Most times of starting again.
const STARTS: usize = 40;

/// The residual that counts as rounding, as a part of the greatest diagonal.
const RESIDUAL: f64 = 1e-14;

/// Steps between two looks at whether the space already holds the vector.
const STRIDE: usize = 8;

/// Rows that are factored together, so that they stay in the cache while the rows above pass by.
const BLOCK: usize = 32;

/// Rows above that are multiplied at once. Divides `BLOCK`.
const TILE: usize = 4;

/// The vector for `n` ≥ 2 nodes and distinct ties (a, b, weight above 0) that connect them.
pub(crate) fn fiedler_vector(n: usize, ties: &[(usize, usize, f64)]) -> Vec<f64> {
    let mut diagonal = vec![0.0; n];
    for (a, b, weight) in ties {
        diagonal[*a] += weight;
        diagonal[*b] += weight;
    }
    let greatest = diagonal.iter().fold(0.0_f64, |most, value| most.max(*value));
    let factor = Factor::new(&diagonal, ties, greatest);
    let mut vector: Vec<f64> = (0..n as u64).map(start).collect();
    let mut before = f64::INFINITY;
    for _ in 0..STARTS {
        let next = best_of_krylov(&factor, vector.clone());
        let left = residual(&diagonal, ties, &next);
        if left < before {
            vector = next;
        }
        if left > before / 2.0 || left <= RESIDUAL * greatest {
            break;
        }
        before = left;
    }
    vector
}

/// Values between −1 and 1 without a pattern (splitmix64, Steele, Lea and Flood 2014).
fn start(place: u64) -> f64 {
    let mut bits = (place + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (bits >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
}

/// ‖Lx − (xᵀLx)x‖ for a unit vector.
fn residual(diagonal: &[f64], ties: &[(usize, usize, f64)], x: &[f64]) -> f64 {
    let mut image: Vec<f64> = diagonal.iter().zip(x).map(|(d, x)| d * x).collect();
    for (a, b, weight) in ties {
        image[*a] -= weight * x[*b];
        image[*b] -= weight * x[*a];
    }
    let value = dot(&image, x);
    image.iter().zip(x).map(|(y, x)| (y - value * x).powi(2)).sum::<f64>().sqrt()
}

/// The best approximation within the space that some steps from a vector span.
fn best_of_krylov(factor: &Factor, mut next: Vec<f64>) -> Vec<f64> {
    let n = next.len();
    let mut basis: Vec<Vec<f64>> = Vec::new();
    let (mut alpha, mut beta): (Vec<f64>, Vec<f64>) = (Vec::new(), Vec::new());
    clean(&mut next, &basis);
    let mut length = dot(&next, &next).sqrt();
    while basis.len() < STEPS.min(n - 1) {
        next.iter_mut().for_each(|value| *value /= length);
        basis.push(next.clone());
        factor.solve(&mut next);
        let last = basis.last().map_or(&[][..], Vec::as_slice);
        alpha.push(dot(&next, last));
        clean(&mut next, &basis);
        let before = length_of_image(&alpha, &beta);
        length = dot(&next, &next).sqrt();
        if length <= before * f64::EPSILON {
            break;
        }
        beta.push(length);
        if basis.len().is_multiple_of(STRIDE) {
            let last = greatest_eigenvector(&alpha, &beta).last().copied().unwrap_or(1.0);
            if length * last.abs() <= before * f64::EPSILON {
                break;
            }
        }
    }
    let weights = greatest_eigenvector(&alpha, &beta);
    let mut best = vec![0.0; n];
    for (vector, weight) in basis.iter().zip(&weights) {
        best.iter_mut().zip(vector).for_each(|(sum, value)| *sum += weight * value);
    }
    clean(&mut best, &[]);
    let length = dot(&best, &best).sqrt();
    best.iter_mut().for_each(|value| *value /= length);
    best
}

/// A scale of the operator by what is known of it.
fn length_of_image(alpha: &[f64], beta: &[f64]) -> f64 {
    alpha.iter().chain(beta).fold(0.0_f64, |most, value| most.max(value.abs()))
}

/// Takes the vector of ones and a basis out of a vector, twice.
fn clean(vector: &mut [f64], basis: &[Vec<f64>]) {
    for _ in 0..2 {
        let mean = vector.iter().sum::<f64>() / vector.len() as f64;
        vector.iter_mut().for_each(|value| *value -= mean);
        for other in basis {
            let part = dot(vector, other);
            vector.iter_mut().zip(other).for_each(|(value, other)| *value -= part * other);
        }
    }
}

/// The unit eigenvector of the greatest eigenvalue of a symmetric tridiagonal matrix: the eigenvalue by
/// bisection of Sturm counts, the vector by inverse iteration.
fn greatest_eigenvector(alpha: &[f64], beta: &[f64]) -> Vec<f64> {
    let n = alpha.len();
    let at = |place: usize| beta.get(place).copied().filter(|_| place + 1 < n).unwrap_or(0.0);
    let radius = |place: usize| at(place) + place.checked_sub(1).map_or(0.0, at);
    let (mut low, mut high) = (f64::MAX, f64::MIN);
    for (place, value) in alpha.iter().enumerate() {
        low = low.min(value - radius(place));
        high = high.max(value + radius(place));
    }
    let scale = low.abs().max(high.abs()).max(f64::MIN_POSITIVE);
    // The greatest eigenvalue is above `middle` when some pivot of T − middle is positive.
    for _ in 0..200 {
        let middle = low + (high - low) / 2.0;
        let mut pivot = 1.0;
        let is_above = (0..n).any(|place| {
            let coupling = place.checked_sub(1).map_or(0.0, at);
            pivot = alpha[place] - middle - coupling * coupling / pivot;
            if pivot == 0.0 {
                pivot = -f64::EPSILON * scale;
            }
            pivot > 0.0
        });
        if is_above {
            low = middle;
        } else {
            high = middle;
        }
        if high - low <= f64::EPSILON * scale {
            break;
        }
    }
    // high·I − T is positive definite but for rounding: elimination without exchange is stable.
    let shift = high + 4.0 * f64::EPSILON * scale;
    let mut pivots = Vec::with_capacity(n);
    for (place, value) in alpha.iter().enumerate() {
        let before = place.checked_sub(1).map_or(0.0, |before| at(before).powi(2) / pivots[before]);
        let pivot: f64 = shift - value - before;
        pivots.push(pivot.max(f64::EPSILON * scale));
    }
    let mut vector = vec![1.0; n];
    for _ in 0..4 {
        for place in 1..n {
            vector[place] += at(place - 1) / pivots[place - 1] * vector[place - 1];
        }
        for place in (0..n).rev() {
            let after = vector.get(place + 1).copied().unwrap_or(0.0);
            vector[place] = (vector[place] + at(place) * after) / pivots[place];
        }
        let length = dot(&vector, &vector).sqrt();
        vector.iter_mut().for_each(|value| *value /= length);
    }
    vector
}

/// The lower triangular factor of L + s·11ᵀ/n, row by row.
struct Factor {
    n: usize,
    rows: Vec<f64>,
}

impl Factor {
    fn new(diagonal: &[f64], ties: &[(usize, usize, f64)], s: f64) -> Self {
        let n = diagonal.len();
        let mut rows = vec![s / n as f64; n * n];
        for (place, value) in diagonal.iter().enumerate() {
            rows[place * n + place] += value;
        }
        for (a, b, weight) in ties {
            rows[a.max(b) * n + a.min(b)] -= weight;
        }
        for from in (0..n).step_by(BLOCK) {
            let to = (from + BLOCK).min(n);
            let (above, block) = rows.split_at_mut(from * n);
            for tile in (0..from).step_by(TILE) {
                for own in block.chunks_exact_mut(n).take(to - from) {
                    eliminate(above, own, n, tile);
                }
            }
            for row in from..to {
                let (done, own) = block.split_at_mut((row - from) * n);
                for column in from..row {
                    let start = (column - from) * n;
                    let other = &done[start..start + column + 1];
                    let sum = own[column] - dot(&own[..column], &other[..column]);
                    own[column] = sum / other[column];
                }
                let pivot = own[row] - dot(&own[..row], &own[..row]);
                own[row] = pivot.max(f64::EPSILON * s).sqrt();
            }
        }
        Self { n, rows }
    }

    /// Replaces a vector by its product with the inverse.
    fn solve(&self, vector: &mut [f64]) {
        let n = self.n;
        for row in 0..n {
            let own = &self.rows[row * n..row * n + row + 1];
            vector[row] = (vector[row] - dot(&own[..row], &vector[..row])) / own[row];
        }
        for row in (0..n).rev() {
            let own = &self.rows[row * n..row * n + row + 1];
            let value = vector[row] / own[row];
            vector[row] = value;
            vector[..row].iter_mut().zip(own).for_each(|(other, part)| *other -= value * part);
        }
    }
}

/// Works out `TILE` columns of a row from rows above that are done.
fn eliminate(above: &[f64], own: &mut [f64], n: usize, tile: usize) {
    let other = |k: usize| &above[(tile + k) * n..(tile + k) * n + tile + k + 1];
    let sums = dots(&own[..tile], [other(0), other(1), other(2), other(3)]);
    for (k, sum) in sums.into_iter().enumerate() {
        let column = tile + k;
        let row = other(k);
        let near = dot(&own[tile..column], &row[tile..column]);
        own[column] = (own[column] - sum - near) / row[column];
    }
}

/// The sums of products of one row with several, so that each of its values is read once.
fn dots(a: &[f64], rows: [&[f64]; TILE]) -> [f64; TILE] {
    let mut strands = [[0.0_f64; 4]; TILE];
    let whole = a.len() / 4 * 4;
    for place in (0..whole).step_by(4) {
        let part = &a[place..place + 4];
        for (strand, row) in strands.iter_mut().zip(rows) {
            for ((sum, a), b) in strand.iter_mut().zip(part).zip(&row[place..place + 4]) {
                *sum += a * b;
            }
        }
    }
    let tail = |row: &[f64]| dot(&a[whole..], &row[whole..a.len()]);
    let mut sums = [0.0; TILE];
    for ((sum, strand), row) in sums.iter_mut().zip(strands).zip(rows) {
        *sum = strand.iter().sum::<f64>() + tail(row);
    }
    sums
}

/// The sum of products, in eight strands so that it can be done side by side.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut strands = [0.0_f64; 8];
    let (a_parts, b_parts) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest = a_parts.remainder().iter().zip(b_parts.remainder());
    let tail: f64 = rest.map(|(a, b)| a * b).sum();
    for (a, b) in a_parts.zip(b_parts) {
        for ((strand, a), b) in strands.iter_mut().zip(a).zip(b) {
            *strand += a * b;
        }
    }
    strands.iter().sum::<f64>() + tail
}
