//! The formats, one file or folder each, and how each is recognised.
