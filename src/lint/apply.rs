//! Writes mended files: whole, or not at all.

use std::io::Write;
use std::path::Path;

use tempfile::NamedTempFile;

use crate::coverage::batch::Stamp;
use crate::scan::read::{FileBuffer, hash, read_into};

use super::finding::Finding;

/// Applies the fixes of `findings`, which are in the order of their places, to the file; of two that overlap the first.
/// Gives what the file holds now and the findings that were mended. A file that is not as it was scanned stays as it is.
pub fn apply(path: &Path, scanned: Option<Stamp>, findings: &[&Finding]) -> Result<(Stamp, Vec<Finding>), String> {
    let mut buffer = FileBuffer::default();
    let stamp = read_into(path, &mut buffer).map_err(|e| format!("not mended: it cannot be read: {e}"))?;
    if scanned != Some(stamp) {
        return Err("not mended: it changed since it was scanned".to_owned());
    }
    let source = buffer.into_content();
    let (content, done) = mended(&source, findings);
    write(path, &content).map_err(|e| format!("not mended: it cannot be written: {e}"))?;
    let stamp = Stamp {
        bytes: content.len() as u64,
        hash: hash(&content),
    };
    Ok((stamp, done))
}

/// The text with the fixes in it, and those that fitted.
fn mended(source: &[u8], findings: &[&Finding]) -> (Vec<u8>, Vec<Finding>) {
    let mut fixes: Vec<_> = findings.iter().filter_map(|f| Some((f.fix.as_ref()?, *f))).collect();
    fixes.sort_by_key(|(fix, _)| (fix.from, fix.to));
    let (mut out, mut done, mut at) = (Vec::with_capacity(source.len() + 64), Vec::new(), 0);
    for (fix, finding) in fixes {
        // Two insertions at one place have an order that nobody chose.
        let free = fix.from >= at && (done.is_empty() || fix.from > at || fix.from < fix.to);
        let (Some(before), true) = (source.get(at..fix.from), free && fix.to <= source.len()) else {
            continue;
        };
        out.extend_from_slice(before);
        out.extend_from_slice(fix.text.as_bytes());
        at = fix.to;
        done.push(finding.clone());
    }
    out.extend_from_slice(source.get(at..).unwrap_or(&[]));
    (out, done)
}

/// Writes beside the file and takes its place: whoever reads it meanwhile sees the old one or the new one. A link stays
/// a link; mode and owner stay as they are.
fn write(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let real = std::fs::canonicalize(path)?;
    let metadata = std::fs::metadata(&real)?;
    if metadata.permissions().readonly() {
        return Err(std::io::Error::new(std::io::ErrorKind::PermissionDenied, "it is write-protected"));
    }
    let folder = real.parent().unwrap_or(Path::new("."));
    let mut file = NamedTempFile::with_prefix_in(".pgtap-scanner-", folder)?;
    file.write_all(content)?;
    keep_owner(&file, &metadata)?;
    file.as_file().set_permissions(metadata.permissions())?;
    file.as_file().sync_all()?;
    file.persist(&real).map(drop).map_err(|e| e.error)
}

#[cfg(unix)]
fn keep_owner(file: &NamedTempFile, old: &std::fs::Metadata) -> std::io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    let new = file.as_file().metadata()?;
    if (new.uid(), new.gid()) == (old.uid(), old.gid()) {
        return Ok(());
    }
    std::os::unix::fs::chown(file.path(), Some(old.uid()), Some(old.gid()))
}

#[cfg(not(unix))]
fn keep_owner(_: &NamedTempFile, _: &std::fs::Metadata) -> std::io::Result<()> {
    Ok(())
}
