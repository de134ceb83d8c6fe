//! The report as plain data, and one exporter a format.
