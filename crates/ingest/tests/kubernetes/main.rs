//! Kubernetes inputs from outside the code: real manifests and a real dump read in place, hostile
//! bytes, and a naive resolver as oracle.

mod context;
mod estate;
mod hostile;
mod real;
