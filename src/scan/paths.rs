//! The paths of a scan by number: files of one folder share its text.

use std::cmp::Ordering;
use std::ffi::OsStr;
use std::path::{Path, PathBuf, is_separator};

use crate::coverage::grow::{growth, reserve};

use super::candidates::bytes;

/// Paths in the order in which they were added. One costs 4 bytes and its name; a folder costs 40 and its text, again
/// when files of another one came between.
#[derive(Default)]
pub struct Paths {
    runs: Vec<Run>,
    /// The names of all files, one behind the other.
    names: Vec<u8>,
    /// By number, where its name ends, counted from its run's first.
    ends: Vec<u32>,
    /// Bytes of the folders' texts.
    folders: usize,
}

/// Files of one folder, with numbers that follow each other.
struct Run {
    first: u32,
    /// Where the name of the first begins.
    from: usize,
    /// With the separator at its end; empty for a bare name.
    folder: Box<[u8]>,
}

/// Names of one run, in bytes; a folder with more gets a second run.
const LONGEST_RUN: usize = u32::MAX as usize;

impl Paths {
    /// Adds a path; its number is how many there were before.
    pub fn push(&mut self, path: &Path) {
        let whole = bytes(path);
        let split = whole
            .iter()
            .rposition(|byte| is_separator(char::from(*byte)))
            .map_or(0, |at| at + 1);
        let (folder, name) = whole.split_at(split);
        let same = |run: &Run| *run.folder == *folder && self.names.len() + name.len() - run.from <= LONGEST_RUN;
        if !self.runs.last().is_some_and(same) {
            reserve(&mut self.runs, 1);
            self.folders += folder.len();
            self.runs.push(Run {
                first: self.ends.len() as u32,
                from: self.names.len(),
                folder: folder.into(),
            });
        }
        reserve(&mut self.names, name.len());
        self.names.extend_from_slice(name);
        let from = self.runs.last().map_or(0, |run| run.from);
        reserve(&mut self.ends, 1);
        self.ends.push((self.names.len() - from) as u32);
    }

    /// Bytes that adding `path` may take before old ones are given back.
    pub fn growth(&self, path: &Path) -> usize {
        let length = bytes(path).len();
        growth(&self.runs, 1) + growth(&self.names, length) + growth(&self.ends, 1) + length
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// None was added.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The run that a file is in.
    fn run_of(&self, number: usize) -> Option<&Run> {
        let after = self.runs.partition_point(|run| run.first as usize <= number);
        self.runs.get(after.checked_sub(1)?)
    }

    /// The name of a file of `run`.
    fn name_in(&self, run: &Run, number: usize) -> Option<&[u8]> {
        let end = *self.ends.get(number)? as usize;
        let start = match number.checked_sub(1) {
            Some(before) if before >= run.first as usize => *self.ends.get(before)? as usize,
            _ => 0,
        };
        self.names.get(run.from + start..run.from + end)
    }

    /// The folder, with its separator, and the name of a file.
    fn parts(&self, number: usize) -> Option<(&[u8], &[u8])> {
        let run = self.run_of(number)?;
        Some((&run.folder, self.name_in(run, number)?))
    }

    /// The path of a file.
    pub fn get(&self, number: usize) -> Option<PathBuf> {
        let (folder, name) = self.parts(number)?;
        let mut path = folder.to_vec();
        path.extend_from_slice(name);
        Some(PathBuf::from(text(&path)))
    }

    /// The name of a file, without its folder.
    pub fn name(&self, number: usize) -> Option<&OsStr> {
        self.parts(number).map(|(_, name)| text(name))
    }

    /// All, in order.
    pub fn iter(&self) -> impl Iterator<Item = PathBuf> {
        (0..self.len()).filter_map(|number| self.get(number))
    }

    /// Which of two files comes first, by the bytes of their paths.
    fn compare(&self, a: usize, b: usize) -> Ordering {
        let (Some((folder_a, name_a)), Some((folder_b, name_b))) = (self.parts(a), self.parts(b)) else {
            return a.cmp(&b);
        };
        let shorter = folder_a.len().min(folder_b.len());
        // The common part decides nearly always; else one folder lies in the other, or they are the same.
        folder_a[..shorter].cmp(&folder_b[..shorter]).then_with(|| {
            let a = folder_a[shorter..].iter().chain(name_a);
            a.cmp(folder_b[shorter..].iter().chain(name_b))
        })
    }

    /// Sorts files by the bytes of their paths. Those of one folder, and the folders, are put in order by themselves first:
    /// what is left for comparing whole paths are folders inside others, and a stable sort takes one pass where there are
    /// none.
    pub fn sort(&self, numbers: &mut Vec<u32>) {
        numbers.sort_unstable();
        let first = |number: &u32| self.run_of(*number as usize).map(|run| run.first);
        let mut folders: Vec<_> = numbers.chunk_by_mut(|a, b| first(a) == first(b)).collect();
        for folder in &mut folders {
            if let Some(run) = folder.first().and_then(|number| self.run_of(*number as usize)) {
                folder.sort_by_key(|number| self.name_in(run, *number as usize));
            }
        }
        let text = |folder: &&mut [u32]| Some(&*self.run_of(*folder.first()? as usize)?.folder);
        folders.sort_by(|a, b| text(a).cmp(&text(b)));
        let mut sorted = folders.concat();
        sorted.sort_by(|a, b| self.compare(*a as usize, *b as usize));
        *numbers = sorted;
    }

    /// Bytes of the paths when each stands by itself.
    pub fn text_bytes(&self) -> usize {
        let run = |at: usize| self.runs.get(at).map_or(self.len(), |run| run.first as usize);
        let folders = self.runs.iter().enumerate();
        let folders: usize = folders.map(|(at, r)| r.folder.len() * (run(at + 1) - run(at))).sum();
        folders + self.names.len()
    }

    /// Bytes that it holds.
    pub fn heap_bytes(&self) -> usize {
        let lists = self.runs.capacity() * size_of::<Run>() + self.ends.capacity() * size_of::<u32>();
        lists + self.names.capacity() + self.folders
    }
}

/// Bytes of a path, or of its part before or after a separator, as they came from the system.
fn text(bytes: &[u8]) -> &OsStr {
    // SAFETY: they were taken from an `OsStr` as a whole or cut next to a separator, which is valid UTF-8.
    unsafe { OsStr::from_encoded_bytes_unchecked(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(texts: &[&str]) -> Paths {
        let mut paths = Paths::default();
        texts.iter().for_each(|text| paths.push(Path::new(text)));
        paths
    }

    #[test]
    fn paths_come_back_as_they_were() {
        let texts = [
            "a.sql",
            "b.sql",
            "/t/x/1.sql",
            "/t/x/2.sql",
            "/t//y/1.sql",
            "./z",
            "/t/x/3.sql",
            "",
            "/",
            "ü/ö.sql",
        ];
        let paths = paths(&texts);
        assert_eq!(paths.len(), texts.len());
        let back: Vec<_> = paths
            .iter()
            .map(|path| path.into_os_string().into_string().unwrap())
            .collect();
        assert_eq!(back, texts);
        assert_eq!(paths.get(texts.len()), None);
        assert_eq!(paths.name(4), Some(OsStr::new("1.sql")));
        assert_eq!(paths.name(8), Some(OsStr::new("")));
    }

    #[cfg(unix)]
    #[test]
    fn bytes_that_are_no_text_stay() {
        use std::os::unix::ffi::OsStrExt;
        let path = Path::new(OsStr::from_bytes(b"/t/\xff\xfe/\x80.sql"));
        let mut paths = Paths::default();
        paths.push(path);
        assert_eq!(paths.get(0).as_deref(), Some(path));
    }

    #[test]
    fn order_is_that_of_the_whole_paths_bytes() {
        let texts = [
            "/t/b/1", "/t/a.b", "/t/a/1", "/t/a/10", "/t/a/b/1", "/t/a!x", "/t/a", "/t/", "t", "/t/a/b", "/t/a/b/1",
        ];
        let paths = paths(&texts);
        let mut compared = 0;
        for (a, text_a) in texts.iter().enumerate() {
            for (b, text_b) in texts.iter().enumerate() {
                assert_eq!(
                    paths.compare(a, b),
                    text_a.as_bytes().cmp(text_b.as_bytes()),
                    "{text_a} {text_b}"
                );
                compared += 1;
            }
        }
        assert_eq!(compared, 121);

        for shift in 0..texts.len() as u32 {
            let mut numbers: Vec<u32> = (0..11).map(|n| (n * 7 + shift) % 11).collect();
            paths.sort(&mut numbers);
            let sorted: Vec<_> = numbers.iter().map(|n| texts[*n as usize]).collect();
            assert!(sorted.is_sorted() && sorted.len() == 11, "{sorted:?}");
        }
    }

    #[test]
    fn files_of_one_folder_share_its_text() {
        let mut paths = Paths::default();
        for number in 0..10_000 {
            paths.push(Path::new(&format!(
                "/some/folder/that/is/rather/long/{:03}/{number:05}.sql",
                number / 100
            )));
        }
        assert_eq!(paths.runs.len(), 100);
        assert!(paths.heap_bytes() < 10_000 * 20, "{}", paths.heap_bytes());
    }
}
