//! Reads files into documents, turns and passages, with every byte accounted for.
