//! The search path across `\i` and `\ir`: an included file begins with the path of the file that includes it, and what
//! it sets holds behind the include.

use std::path::PathBuf;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::pgtap::view::View;
use crate::scan::includes::resolve;
use crate::scan::run::Scanned;
use crate::schema::path::SearchPath;
use crate::sql::lexer::Mode;
use crate::sql::meta;
use crate::sql::statement::{Aside, Statements};
use crate::sql::token::Token;

use super::error::GapsError;
use super::settings::{self, Change};

/// From this offset on the search path is another.
#[derive(Clone, Debug)]
pub struct Jump {
    /// Offset of the include.
    pub at: u32,
    /// The path behind it.
    pub path: Arc<SearchPath>,
}

/// What happens to the path in a file, in order.
#[derive(Clone, Debug)]
enum Event {
    Changed(Change),
    /// A file of the scan is included, or one that was not found.
    Included(Option<u32>),
}

/// The includes of a scan.
#[derive(Default)]
pub struct Includes {
    default: Arc<SearchPath>,
    /// The files that each file includes, as its text names them.
    targets: FxHashMap<u32, Vec<Option<u32>>>,
    /// Of included files.
    events: FxHashMap<u32, Vec<(u32, Event)>>,
    /// The paths that included files begin with.
    starts: FxHashMap<u32, Arc<SearchPath>>,
    /// Some included file changes the path.
    changes: bool,
}

/// Reads a file of the scan.
pub type Read<'r> = dyn Fn(u32) -> Result<Vec<u8>, GapsError> + 'r;

impl Includes {
    /// The includes of `scanned`; `default` is the path that scripts begin with.
    pub fn of(scanned: &Scanned, default: &Arc<SearchPath>, read: &Read) -> Result<Self, GapsError> {
        let mut includes = Self {
            default: default.clone(),
            targets: targets(scanned),
            ..Self::default()
        };
        let mut first: FxHashMap<u32, u32> = FxHashMap::default();
        let mut files: Vec<(&u32, &Vec<Option<u32>>)> = includes.targets.iter().collect();
        files.sort_by_key(|(file, _)| scanned.paths.get(**file as usize));
        for (file, targets) in files {
            for target in targets.iter().flatten() {
                first.entry(*target).or_insert(*file);
            }
        }
        for file in first.keys() {
            let events = events(&read(*file)?, includes.targets_of(*file));
            includes.changes |= events.iter().any(|(_, event)| matches!(event, Event::Changed(_)));
            includes.events.insert(*file, events);
        }
        for file in first.keys() {
            let start = includes.start_in(*file, &first, read, &mut Vec::new())?;
            includes.starts.insert(*file, start);
        }
        Ok(includes)
    }

    fn targets_of(&self, file: u32) -> &[Option<u32>] {
        self.targets.get(&file).map_or(&[], Vec::as_slice)
    }

    /// The path that a file begins with.
    pub fn start(&self, file: u32) -> Arc<SearchPath> {
        self.starts.get(&file).unwrap_or(&self.default).clone()
    }

    /// Where the files that this one includes change the path.
    pub fn jumps(&self, file: u32, source: &[u8]) -> Vec<Jump> {
        let targets = self.targets_of(file);
        if !self.changes || targets.is_empty() {
            return Vec::new();
        }
        let mut walk = Walk::new(self);
        let mut path = self.start(file);
        let mut jumps = Vec::new();
        for (at, event) in events(source, targets) {
            path = walk.behind(&event, path);
            if matches!(event, Event::Included(Some(_))) {
                jumps.push(Jump { at, path: path.clone() });
            }
        }
        jumps
    }

    /// The path at the place where the first file that includes `file` does so.
    fn start_in(
        &self,
        file: u32,
        first: &FxHashMap<u32, u32>,
        read: &Read,
        open: &mut Vec<u32>,
    ) -> Result<Arc<SearchPath>, GapsError> {
        let (Some(includer), false) = (first.get(&file), open.contains(&file)) else {
            return Ok(self.default.clone());
        };
        if let Some(known) = self.starts.get(&file) {
            return Ok(known.clone());
        }
        open.push(file);
        let mut path = self.start_in(*includer, first, read, open)?;
        let own;
        let events = match self.events.get(includer) {
            Some(events) => events,
            None => {
                own = events(&read(*includer)?, self.targets_of(*includer));
                &own
            }
        };
        let mut walk = Walk::new(self);
        for (_, event) in events {
            if matches!(event, Event::Included(Some(target)) if *target == file) {
                break;
            }
            path = walk.behind(event, path);
        }
        Ok(path)
    }
}

/// Follows includes; each file once for each path that it begins with.
struct Walk<'i> {
    includes: &'i Includes,
    known: FxHashMap<(u32, Arc<SearchPath>), Arc<SearchPath>>,
    open: Vec<u32>,
}

impl<'i> Walk<'i> {
    fn new(includes: &'i Includes) -> Self {
        Self {
            includes,
            known: FxHashMap::default(),
            open: Vec::new(),
        }
    }

    /// The path behind an event.
    fn behind(&mut self, event: &Event, path: Arc<SearchPath>) -> Arc<SearchPath> {
        match event {
            Event::Changed(Change::Set(path)) => Arc::new(path.clone()),
            Event::Changed(Change::Reset) => self.includes.default.clone(),
            Event::Included(Some(file)) => self.through(*file, path),
            Event::Included(None) => path,
        }
    }

    /// The path behind a whole file.
    fn through(&mut self, file: u32, path: Arc<SearchPath>) -> Arc<SearchPath> {
        if let Some(known) = self.known.get(&(file, path.clone())) {
            return known.clone();
        }
        // A file that includes itself ends nowhere.
        let (false, Some(events)) = (self.open.contains(&file), self.includes.events.get(&file)) else {
            return path;
        };
        self.open.push(file);
        let out = events
            .iter()
            .fold(path.clone(), |path, (_, event)| self.behind(event, path));
        self.open.pop();
        self.known.insert((file, path), out.clone());
        out
    }
}

/// The numbers of the files that each file includes.
fn targets(scanned: &Scanned) -> FxHashMap<u32, Vec<Option<u32>>> {
    let files = &scanned.store.files;
    if files.iter().all(|f| f.includes.is_empty()) {
        return FxHashMap::default();
    }
    let mut numbers: FxHashMap<PathBuf, u32> = FxHashMap::default();
    for (number, path) in scanned.paths.iter().enumerate() {
        numbers.insert(dunce::canonicalize(&path).unwrap_or(path), number as u32);
    }
    let including = files.iter().enumerate().filter(|(_, f)| !f.includes.is_empty());
    including
        .filter_map(|(number, file)| {
            let path = scanned.paths.get(number)?;
            let named = file.includes.iter();
            let found = named.map(|include| numbers.get(&resolve(include, &path, &scanned.root)?).copied());
            Some((number as u32, found.collect()))
        })
        .collect()
}

/// Collects the offsets of includes in a text.
struct Commands<'t>(Vec<u32>, &'t [u8]);

impl Aside for Commands<'_> {
    fn comment(&mut self, _: &Token) {}
    fn open(&mut self, _: &Token) {}
    fn meta(&mut self, token: &Token) {
        let text = token.text(self.1);
        let includes = matches!(meta::name(text), b"i" | b"ir" | b"include" | b"include_relative");
        if includes && meta::arguments(text).first().is_some_and(|path| !path.is_empty()) {
            self.0.push(token.start);
        }
    }
}

/// What happens to the path in a text whose includes are these.
fn events(source: &[u8], targets: &[Option<u32>]) -> Vec<(u32, Event)> {
    let mut commands = Commands(Vec::new(), source);
    let mut statements = Statements::new(source, Mode::Psql);
    let mut tokens = Vec::new();
    let mut found = Vec::new();
    while statements.next_into(&mut tokens, &mut commands).is_some() {
        let view = View {
            source,
            tokens: &tokens,
            closing: &[],
        };
        let change = settings::search_path(&view);
        found.extend(change.map(|change| (view.token(0).start, Event::Changed(change))));
    }
    let included = commands.0.iter().zip(targets);
    found.extend(included.map(|(at, target)| (*at, Event::Included(*target))));
    found.sort_by_key(|(at, _)| *at);
    found
}
