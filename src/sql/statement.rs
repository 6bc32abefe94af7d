//! Statements as psql would send them.
