//! int8 vectors on disk and their nearest neighbours.
