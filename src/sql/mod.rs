//! PostgreSQL's lexical rules and psql's. Knows no pgTAP.
//!
//! [`lexer::Lexer`] cuts bytes into tokens, [`statement::Statements`] groups
//! them as psql would send them, [`literal`] decodes what a token says.

pub mod constant_call;
pub mod keyword;
pub mod lexer;
pub mod lines;
pub mod literal;
pub mod meta;
mod near;
pub mod script;
pub mod statement;
pub mod token;
