//! How failure travels: the rules of section 1.4 of the model as cases of at most ten entities, each
//! with its expected answer in prose first, and random estates against a naive reading of the table.

mod availability;
mod calls;
mod entries;
mod oracle;
mod random;
mod replicas;
mod written;
