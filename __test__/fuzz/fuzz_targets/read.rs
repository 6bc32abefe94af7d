//! Any bytes, read in all modes: nothing may panic, hang or name a line that the file does not have.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use pgtap_scanner::pgtap::assertion::Listing;
use pgtap_scanner::pgtap::reader::{Reader, Wanted};
use pgtap_scanner::pgtap::suite::Suite;

fuzz_target!(|source: &[u8]| {
    let lines = 1 + source.iter().filter(|b| **b == b'\n').count() as u32;
    for (commented, listing) in [(false, false), (false, true), (true, true)] {
        let wanted = Wanted { commented, listing };
        let mut suite = Suite::new(Vec::new());
        let facts = Reader::new(&suite, wanted).read(source, &mut Listing::new(&suite));
        assert!(facts.problems.iter().all(|p| (1..=lines).contains(&p.line)));
        for helper in facts.helpers {
            suite.add_helper(Arc::unwrap_or_clone(helper));
        }
        let mut found = Listing::new(&suite);
        Reader::new(&suite, wanted).read(source, &mut found);
        assert!(found.finish().iter().all(|a| (1..=lines).contains(&a.line_number)));
    }
});
