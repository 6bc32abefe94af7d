//! Finds every assertion in pgTAP test suites and says what PostgreSQL will test.
//!
//! Data flows one way:
//!
//! ```text
//! files --scan--> bytes --sql--> tokens --pgtap--> assertions --coverage--> database --report--> text
//! ```

#[cfg(feature = "binding")]
mod binding;
pub mod budget;
pub mod cache;
pub mod coverage;
mod edit_distance;
pub mod gaps;
pub mod kept;
pub mod lint;
pub mod memory;
pub mod pgtap;
pub mod report;
pub mod saved;
pub mod scan;
pub mod schema;
pub mod session;
pub mod spill;
pub mod sql;
pub mod work;
