//! The rules: their codes, how bad what they find is, and what they say in one sentence.

use serde::Serialize;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The test fails, cannot run, or does not test what it says.
    Error,
    /// It runs, and something about it deserves a look.
    Warning,
}

/// A rule.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// Its name in findings and comments.
    pub code: &'static str,
    /// How bad its findings are; a finding that is less certain than others may be a warning instead.
    pub severity: Severity,
    /// What it finds.
    pub says: &'static str,
}

macro_rules! rules {
    ($($name:ident = $code:literal, $severity:ident, $says:literal;)*) => {
        $(#[doc = $says] pub static $name: Rule = Rule { code: $code, severity: Severity::$severity, says: $says };)*

        /// Every rule, in the order of the documentation.
        pub static RULES: &[&Rule] = &[$(&$name),*];
    };
}

rules! {
    MISREAD_OVERLOAD = "misread-overload", Error,
        "PostgreSQL takes the last name for a description, and another object is tested than the call says";
    VACUOUS_ABSENCE = "vacuous-absence", Error,
        "the assertion passes whatever the database holds";
    ARRAY_AS_DESCRIPTION = "array-as-description", Error,
        "PostgreSQL takes an array that is written as a string for a description";
    AMBIGUOUS_CALL = "ambiguous-call", Error,
        "several overloads fit, and PostgreSQL refuses the call (42725)";
    DESCRIPTION_IS_IDENTIFIER = "description-is-identifier", Warning,
        "a description is a single word that the function would take for a name elsewhere";
    CANNOT_RUN = "cannot-run", Error,
        "PostgreSQL refuses the call (42883, 42804, 42704, 42703 or 22P02)";
    PLAN_BIGINT = "plan-bigint", Error,
        "plan() takes an integer, and a count is a bigint";
    PLAN_MISMATCH = "plan-mismatch", Error,
        "the plan announces another number of results than the file makes";
    SEVERAL_PLANS = "several-plans", Error,
        "pgTAP refuses a second plan";
    NO_PLAN = "no-plan", Error,
        "assertions run without a plan, or with no_plan() and without finish()";
    UNKNOWN_FUNCTION = "unknown-function", Warning,
        "a function that is not pgTAP's has a name close to one that is";
    DUPLICATE_ASSERTION = "duplicate-assertion", Warning,
        "the same assertion stands twice with nothing between that could change its result";
    VERSION_DEPENDENT = "version-dependent", Warning,
        "pgTAP 1.2 and 1.3 read the call differently";
    UNMATCHED_FILE = "unmatched-file", Warning,
        "the file looks like a test, but no pattern of the scan takes it";
    MISSING_ROLLBACK = "missing-rollback", Warning,
        "a test file leaves its transaction open, or commits what it did";
    UNKNOWN_RULE = "unknown-rule", Warning,
        "a comment that silences a rule names none that there is";
}

/// The rule with this code.
pub fn find(code: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.code == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_kebab_case_and_different() {
        for (at, rule) in RULES.iter().enumerate() {
            assert!(
                rule.code.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'),
                "{}",
                rule.code
            );
            assert_eq!(RULES.iter().position(|r| r.code == rule.code), Some(at));
            assert_eq!(find(rule.code), Some(*rule));
        }
        assert_eq!(RULES.len(), 16);
    }
}
