//! The driver: ingest, tag, index, themes and report over one study folder.
