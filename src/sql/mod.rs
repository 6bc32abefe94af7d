//! PostgreSQL's lexical rules and psql's. Knows no pgTAP.
