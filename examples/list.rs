use pgtap_scanner::pgtap::{
    assertion::Listing,
    reader::{Reader, Wanted},
    suite::Suite,
};
fn main() {
    let path = std::env::args().nth(1).unwrap();
    let source = std::fs::read(path).unwrap();
    let suite = Suite::new(vec![]);
    let mut listing = Listing::new(&suite);
    let facts = Reader::new(
        &suite,
        Wanted {
            commented: false,
            listing: true,
        },
    )
    .read(&source, &mut listing);
    for a in listing.finish() {
        println!("{}", serde_json::to_string(&a).unwrap());
    }
    eprintln!("{:?} {:?}", facts.plan, facts.problems);
}
