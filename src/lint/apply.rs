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
    let real = dunce::canonicalize(path)?;
    let metadata = std::fs::metadata(&real)?;
    if metadata.permissions().readonly() {
        return Err(std::io::Error::new(
            std::io::ErrorKind::PermissionDenied,
            "it is write-protected",
        ));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::finding::Fix;
    use crate::lint::rules::Severity;

    fn finding(from: usize, to: usize, text: &str) -> Finding {
        Finding {
            code: "x",
            severity: Severity::Error,
            file: String::new(),
            line: 1,
            column: 1,
            end_line: 1,
            end_column: 1,
            message: String::new(),
            help: String::new(),
            fix: Some(Fix {
                from,
                to,
                text: text.to_owned(),
                certain: true,
            }),
        }
    }

    #[test]
    fn of_fixes_that_overlap_the_first_is_made() {
        let all = [
            finding(4, 6, "EF"),
            finding(1, 3, "b"),
            finding(2, 4, "no"),
            finding(6, 6, "!"),
            finding(9, 99, "no"),
        ];
        let all: Vec<&Finding> = all.iter().collect();
        let (text, done) = mended(b"abcdefg\xFF", &all);
        assert_eq!(text, b"abdEFg\xFF");
        assert_eq!(done.len(), 2);
        assert_eq!(mended(b"ab", &[&finding(0, 0, "x"), &finding(0, 0, "y")]).0, b"xab");
        assert_eq!(mended(b"ab", &[]).0, b"ab");
    }

    #[test]
    fn a_file_that_changed_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.sql");
        std::fs::write(&path, "SELECT 1;").unwrap();
        let mut buffer = FileBuffer::default();
        let stamp = read_into(&path, &mut buffer).unwrap();
        std::fs::write(&path, "SELECT 2;").unwrap();
        let error = apply(&path, Some(stamp), &[&finding(0, 0, "x")]).unwrap_err();
        assert!(error.contains("changed since"), "{error}");
        assert_eq!(std::fs::read(&path).unwrap(), b"SELECT 2;");
        assert!(
            apply(&folder.path().join("b.sql"), Some(stamp), &[])
                .unwrap_err()
                .contains("cannot be read")
        );
    }

    #[cfg(unix)]
    #[test]
    fn mode_and_links_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("a.sql"), folder.path().join("b.sql"));
        std::fs::write(&path, "SELECT 1;").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        symlink("a.sql", &link).unwrap();
        let stamp = read_into(&path, &mut FileBuffer::default()).unwrap();
        let (now, done) = apply(&link, Some(stamp), &[&finding(7, 8, "22")]).unwrap();
        assert_eq!((now.bytes, done.len()), (10, 1));
        assert_eq!(now, read_into(&path, &mut FileBuffer::default()).unwrap());
        assert_eq!(std::fs::read(&path).unwrap(), b"SELECT 22;");
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(
            std::fs::read_dir(folder.path()).unwrap().count(),
            2,
            "nothing is left behind"
        );
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o440)).unwrap();
        let error = apply(&link, Some(now), &[&finding(0, 0, "x")]).unwrap_err();
        assert!(error.contains("write-protected"), "{error}");
    }
}
