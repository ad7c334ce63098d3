//! Larkfield as a user's own files would be read: by a reader that does not know the generator.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its input has failed")]

mod measured_values;
mod naive;
mod native_files;
