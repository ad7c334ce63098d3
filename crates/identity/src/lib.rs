//! Observations and what is known to entities, relations, merges and open references. Pure: the
//! same observations and the same knowledge give the same resolution, and what an estate is in the end
//! does not depend on the order in which observations came.
//!
//! [`keys`] says which names a batch needs looked up, [`rename_lookup`] what they are called now,
//! [`second_lookup`] what must be asked once these are known, [`resolve`] decides. `intake` does the look-ups between them and asks again while a
//! resolution names keys whose references it has not seen ([`Resolution::cascade`]).

mod claim;
mod edge;
mod endpoint;
mod entity;
mod fingerprint;
mod finish;
mod lead;
mod lookup;
mod merge;
mod ownership;
mod record;
mod relation;
mod rename;
mod resolve;
mod row;
mod subject;

pub use edge::pair;
pub use fingerprint::fingerprint;
pub use lookup::{external_keys, keys, second_lookup};
pub use rename::rename_lookup;
pub use resolve::{Observations, Resolution, resolve};
