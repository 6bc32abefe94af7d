//! The search path: where names without a schema are looked for.

/// Schemas in the order in which they are searched.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct SearchPath {
    /// Their names; `"$user"` is left out, for it stands for a schema that few databases have.
    pub schemas: Vec<Vec<u8>>,
    /// Part of it is computed: a name that is not found on the rest may still be found.
    pub open: bool,
}

impl SearchPath {
    /// A path of these schemas.
    pub fn new<'n>(names: impl IntoIterator<Item = &'n [u8]>) -> Self {
        let schemas = names.into_iter().filter(|n| *n != b"$user").map(<[u8]>::to_vec);
        Self {
            schemas: schemas.collect(),
            open: false,
        }
    }

    /// As people write it.
    pub fn display(&self) -> String {
        let names = self.schemas.iter().map(|s| String::from_utf8_lossy(s));
        names.collect::<Vec<_>>().join(", ")
    }
}
