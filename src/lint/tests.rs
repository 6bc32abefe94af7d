//! Rules on small suites.
