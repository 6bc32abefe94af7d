//! Names of which only a part is known.

/// A name in a call: whole, or with `*` for what is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word<'a> {
    /// Its text.
    pub text: &'a [u8],
    /// Nothing of it is computed.
    pub exact: bool,
}

impl<'a> Word<'a> {
    /// What every name begins with that it may be.
    pub fn fixed_start(&self) -> &'a [u8] {
        let end = self.text.iter().position(|b| *b == b'*' && !self.exact);
        self.text.get(..end.unwrap_or(self.text.len())).unwrap_or(self.text)
    }

    /// Some of it is known.
    pub fn is_known(&self) -> bool {
        self.exact || self.text.iter().any(|b| *b != b'*')
    }

    /// Whether it may be `name`.
    pub fn fits(&self, name: &[u8]) -> bool {
        if self.exact {
            return self.text == name;
        }
        matches(self.text, name)
    }
}

/// Whether `name` is what the pattern says, `*` standing for anything. Linear in the product of the lengths.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n) = (0, 0);
    // Behind the last `*`, and where the name went on there.
    let mut retry: Option<(usize, usize)> = None;
    while n < name.len() {
        if pattern.get(p) == Some(&b'*') {
            p += 1;
            retry = Some((p, n));
        } else if pattern.get(p) == name.get(n) {
            (p, n) = (p + 1, n + 1);
        } else if let Some((behind, from)) = retry {
            (p, n) = (behind, from + 1);
            retry = Some((behind, from + 1));
        } else {
            return false;
        }
    }
    pattern.get(p..).unwrap_or(&[]).iter().all(|b| *b == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        let cases = [
            ("orders_*", "orders_2024", true),
            ("orders_*", "orders_", true),
            ("orders_*", "order", false),
            ("*_p", "a_p", true),
            ("*_p", "a_p_x", false),
            ("a*b*c", "aXbXbYc", true),
            ("a*b*c", "aXbXbY", false),
            ("a", "a", true),
            ("", "", true),
            ("*", "", true),
            ("", "a", false),
        ];
        for (pattern, name, expected) in cases {
            assert_eq!(
                matches(pattern.as_bytes(), name.as_bytes()),
                expected,
                "{pattern} {name}"
            );
        }
    }
}
