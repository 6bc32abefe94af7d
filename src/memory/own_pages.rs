//! Gives back pages of this library's own file, which loading it and its first work left in resident memory.
//!
//! Relocations, tables of symbols and code that runs once are read when the library is loaded, and the kernel maps
//! sixteen pages around each that is touched. What is needed again comes back from the system's cache of the file, as
//! after any shortage of memory; it is a small part.

#[cfg(target_os = "linux")]
pub use linux::give_back_own_pages;

/// Elsewhere the system has no call that does this.
#[cfg(not(target_os = "linux"))]
pub fn give_back_own_pages() {}

#[cfg(target_os = "linux")]
mod linux {
    use std::ffi::{c_int, c_void};
    use std::fs::File;
    use std::ops::Range;
    use std::os::unix::fs::FileExt;

    use crate::memory::resident::page_bytes;

    /// Flags of an entry of `/proc/self/pagemap`.
    pub const PRESENT: u64 = 1 << 63;
    pub const SWAPPED: u64 = 1 << 62;
    pub const OF_FILE: u64 = 1 << 61;

    /// A page that the file has not: what hooks or a debugger's breakpoints wrote into would be lost.
    pub fn is_private(entry: u64) -> bool {
        entry & SWAPPED != 0 || entry & (PRESENT | OF_FILE) == PRESENT
    }

    /// The whole pages of `bytes`, which may begin and end within one.
    pub fn whole_pages(bytes: Range<usize>, page_bytes: usize) -> Range<usize> {
        let start = bytes.start.next_multiple_of(page_bytes);
        start..(bytes.end - bytes.end % page_bytes).max(start)
    }

    /// Lets go of all pages of this library that nobody may write to and that are as in its file. What fails is left:
    /// the pages only stay resident.
    pub fn give_back_own_pages() {
        let Ok(page_bytes) = usize::try_from(page_bytes()) else {
            return;
        };
        let Ok(pagemap) = File::open("/proc/self/pagemap") else {
            return;
        };
        for segment in read_only_segments(give_back_own_pages as *const () as usize) {
            let pages = whole_pages(segment, page_bytes);
            let of_file = entries(&pagemap, &pages, page_bytes).is_some_and(|all| !all.into_iter().any(is_private));
            if of_file {
                let_go(pages);
            }
        }
    }

    /// What the kernel says of each page.
    pub fn entries(pagemap: &File, pages: &Range<usize>, page_bytes: usize) -> Option<Vec<u64>> {
        let mut bytes = vec![0; pages.len() / page_bytes * 8];
        let from = u64::try_from(pages.start / page_bytes * 8).ok()?;
        pagemap.read_exact_at(&mut bytes, from).ok()?;
        let (all, _) = bytes.as_chunks();
        Some(all.iter().copied().map(u64::from_ne_bytes).collect())
    }

    fn let_go(pages: Range<usize>) {
        // SAFETY: the pages are mapped from the library's file for as long as its code runs, nobody may write to them,
        // and none differs from the file: whoever reads them next, or runs them now, gets the same bytes from there.
        unsafe { libc::madvise(pages.start as *mut c_void, pages.len(), libc::MADV_DONTNEED) };
    }

    struct Search {
        address: usize,
        found: Vec<Range<usize>>,
    }

    /// The addresses of those parts of the library around `address` that nobody may write to. What is relocated is not
    /// among them: its segment is writable while the library is loaded.
    pub fn read_only_segments(address: usize) -> Vec<Range<usize>> {
        let mut search = Search {
            address,
            found: Vec::new(),
        };
        // SAFETY: `visit` is called only before this returns, and nobody else uses `search` meanwhile.
        unsafe { libc::dl_iterate_phdr(Some(visit), (&raw mut search).cast()) };
        search.found
    }

    /// Looks at one library; 1 when it is the one that is looked for, which ends the search.
    unsafe extern "C" fn visit(library: *mut libc::dl_phdr_info, _: usize, search: *mut c_void) -> c_int {
        // SAFETY: the dynamic linker passes a valid description, and what `read_only_segments` gave it.
        let (library, search) = unsafe { (&*library, &mut *search.cast::<Search>()) };
        if library.dlpi_phdr.is_null() {
            return 0;
        }
        // SAFETY: the table is the library's, which stays loaded during this call, and has so many entries.
        let headers = unsafe { std::slice::from_raw_parts(library.dlpi_phdr, library.dlpi_phnum.into()) };
        let base = library.dlpi_addr as usize;
        let loaded = headers.iter().filter(|header| header.p_type == libc::PT_LOAD);
        let segments = loaded.map(|header| {
            let start = base.wrapping_add(header.p_vaddr as usize);
            (start..start.saturating_add(header.p_memsz as usize), header.p_flags)
        });
        if !segments.clone().any(|(bytes, _)| bytes.contains(&search.address)) {
            return 0;
        }
        let read_only = segments.filter(|(_, flags)| flags & libc::PF_W == 0);
        search.found = read_only.map(|(bytes, _)| bytes).collect();
        1
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::linux::*;
    use crate::memory::resident::page_bytes;

    #[test]
    fn pages_that_were_written_to_are_told_from_those_of_the_file() {
        let cases = [
            (0, false),
            (PRESENT | OF_FILE, false),
            (PRESENT, true),
            (SWAPPED, true),
            (SWAPPED | OF_FILE, true),
        ];
        for (entry, private) in cases {
            assert_eq!(is_private(entry), private, "{entry:x}");
        }
    }

    #[test]
    fn pages_that_others_share_are_left() {
        assert_eq!(whole_pages(4096..12288, 4096), 4096..12288);
        assert_eq!(whole_pages(4097..12287, 4096), 8192..8192);
        assert_eq!(whole_pages(1..20000, 4096), 4096..16384);
        assert_eq!(whole_pages(5000..6000, 4096), 8192..8192);
    }

    /// Far more than the few pages that the kernel maps around what runs.
    static FILLED: [u8; 4 << 20] = [7; 4 << 20];

    fn resident() -> usize {
        let page_bytes = usize::try_from(page_bytes()).unwrap();
        let pagemap = std::fs::File::open("/proc/self/pagemap").unwrap();
        let segments = read_only_segments(give_back_own_pages as *const () as usize);
        assert!(segments.len() >= 2, "{segments:?}");
        let pages = segments.into_iter().map(|segment| whole_pages(segment, page_bytes));
        let entries = pages.flat_map(|pages| entries(&pagemap, &pages, page_bytes).unwrap());
        entries.filter(|entry| entry & PRESENT != 0).count() * page_bytes
    }

    #[test]
    fn own_pages_leave_resident_memory_and_come_back_as_they_were() {
        let sum = || {
            FILLED
                .iter()
                .map(|byte| u64::from(std::hint::black_box(*byte)))
                .sum::<u64>()
        };
        assert_eq!(sum(), 7 * FILLED.len() as u64);
        let before = resident();
        give_back_own_pages();
        let after = resident();
        // Other tests run meanwhile and bring some back.
        assert!(
            before >= FILLED.len() && after + FILLED.len() / 2 < before,
            "{before} {after}"
        );
        assert_eq!(sum(), 7 * FILLED.len() as u64);
        assert!(resident() >= FILLED.len());
    }
}
