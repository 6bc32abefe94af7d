//! Several saved files made one.

use std::path::Path;

use super::error::SavedError;
use super::file::SavedFile;
use super::reader::SavedReader;
use super::writer::SavedWriter;

/// What a merge made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Merged {
    /// Files.
    pub files: i64,
    /// Assertions.
    pub assertions: i64,
}

/// A saved file and the next of its files.
struct Source {
    reader: SavedReader,
    next: i64,
    file: Option<SavedFile>,
}

impl Source {
    /// Opens a file that is whole: all of it is read once before.
    fn open(path: &Path, goes_on: &dyn Fn() -> bool) -> Result<Self, SavedError> {
        let reader = SavedReader::open(path)?;
        reader.check(goes_on)?;
        let mut source = Self {
            reader,
            next: 1,
            file: None,
        };
        source.advance()?;
        Ok(source)
    }

    fn advance(&mut self) -> Result<(), SavedError> {
        self.file = match self.next {
            id if id <= self.reader.files() => Some(self.reader.file(id)?),
            _ => None,
        };
        self.next += 1;
        Ok(())
    }
}

/// Writes the files of all `inputs` to `output`, which may be one of them. A file that several hold is written once.
pub fn merge(inputs: &[&Path], output: &Path, goes_on: &dyn Fn() -> bool) -> Result<Merged, SavedError> {
    let opened = inputs.iter().map(|path| Source::open(path, goes_on));
    let mut sources: Vec<Source> = opened.collect::<Result<_, _>>()?;
    let mut writer = SavedWriter::new(output)?;
    while let Some(first) = sources
        .iter()
        .filter_map(|s| s.file.as_ref().map(|f| &f.path))
        .min()
        .cloned()
    {
        if !goes_on() {
            return Err(SavedError::Cancelled);
        }
        let mut taken: Option<(SavedFile, &Path)> = None;
        for source in &mut sources {
            let Some(file) = source.file.take_if(|file| file.path == first) else {
                continue;
            };
            source.advance()?;
            match &taken {
                None => taken = Some((file, source.reader.path())),
                Some((other, _)) if *other == file => {}
                Some((_, from)) => {
                    return Err(SavedError::Conflict(
                        first.to_text(),
                        (*from).to_owned(),
                        source.reader.path().to_owned(),
                    ));
                }
            }
        }
        if let Some((file, _)) = &taken {
            writer.add(file)?;
        }
    }
    let (files, assertions) = writer.finish()?;
    Ok(Merged { files, assertions })
}
