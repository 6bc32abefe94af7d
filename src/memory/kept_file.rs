//! A file of the kernel that stays open: its text anew with one call, without an allocation.

use std::fs::File;
use std::io;
use std::path::Path;

/// The longest text that is read; the kernel's longest here, `memory.stat`, has about 2 KB.
pub const LONGEST: usize = 8 << 10;

/// Where the text of a file is read to.
pub type Buffer = [u8; LONGEST];

/// An open file.
#[derive(Debug)]
pub struct KeptFile(File);

impl KeptFile {
    /// `None` when there is no such file, or it may not be read.
    pub fn open(path: &Path) -> Option<Self> {
        File::open(path).ok().map(Self)
    }

    /// The lines that the file has now, whole ones only. `None` when it cannot be read any more: its group was removed.
    pub fn read<'buffer>(&self, buffer: &'buffer mut Buffer) -> Option<&'buffer str> {
        let length = read_at_start(&self.0, buffer).ok()?;
        let text = buffer.get(..length)?;
        let end = text.iter().rposition(|byte| *byte == b'\n')? + 1;
        std::str::from_utf8(text.get(..end)?).ok()
    }

    /// The number that is all of the text.
    pub fn number(&self, buffer: &mut Buffer) -> Option<u64> {
        self.read(buffer)?.trim().parse().ok()
    }
}

#[cfg(unix)]
fn read_at_start(file: &File, buffer: &mut Buffer) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, 0)
}

#[cfg(windows)]
fn read_at_start(file: &File, buffer: &mut Buffer) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, 0)
}

/// The number behind `name` and a space, in a text of such lines.
pub fn value(text: &str, name: &str) -> Option<u64> {
    let mut lines = text.lines();
    lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(text: &str) -> (tempfile::NamedTempFile, KeptFile) {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let kept = KeptFile::open(file.path()).unwrap();
        (file, kept)
    }

    #[test]
    fn what_changed_is_read_anew() {
        let (file, kept) = kept("7\n");
        let mut buffer = [0; LONGEST];
        assert_eq!(kept.number(&mut buffer), Some(7));
        std::fs::write(file.path(), "1234\n").unwrap();
        assert_eq!(kept.number(&mut buffer), Some(1234));
        std::fs::write(file.path(), "").unwrap();
        assert_eq!(kept.number(&mut buffer), None);
    }

    #[test]
    fn a_line_that_was_cut_off_is_not_read() {
        let long = format!("first 1\n{}\nlast 123456789\n", "x".repeat(LONGEST - 20));
        let (_file, kept) = kept(&long);
        let mut buffer = [0; LONGEST];
        let text = kept.read(&mut buffer).unwrap();
        assert_eq!((value(text, "first"), value(text, "last")), (Some(1), None));
    }

    #[test]
    fn what_is_not_there_is_not_opened() {
        assert!(KeptFile::open(Path::new("/nowhere/at/all")).is_none());
    }

    #[test]
    fn values_are_found_by_their_whole_name() {
        let text = "oom 1\noom_kill 22\nmax x\nlast 3";
        let found = ["oom", "oom_kill", "oom_", "max", "last", ""].map(|name| value(text, name));
        assert_eq!(found, [Some(1), Some(22), None, None, Some(3), None]);
    }
}
