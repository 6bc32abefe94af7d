//! A store that moves its records to disk answers as one that has room for them.

use std::cell::Cell;
use std::sync::Arc;

use crate::coverage::aside::aside;
use crate::coverage::batch::{Batch, Stamp};
use crate::coverage::index::{Index, Purpose, Unbuilt};
use crate::coverage::label::split;
use crate::coverage::shelf::Shelf;
use crate::coverage::statistics::{label_text, statistics};
use crate::coverage::store::Store;
use crate::coverage::summary::View;
use crate::pgtap::area::AREAS;
use crate::pgtap::reader::{Reader, Wanted};
use crate::pgtap::suite::Suite;
use crate::spill::SpillPlace;

/// Numbers that look random and are the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) as usize % n
    }
}

/// A file that names some objects of a small world and some of its own.
fn file(random: &mut Random, number: usize) -> String {
    let mut sql = String::new();
    for _ in 0..random.below(60) {
        let (table, column) = (random.below(400), random.below(30));
        let own = if random.below(3) == 0 {
            format!("_{number}")
        } else {
            String::new()
        };
        sql += &match random.below(9) {
            0 => format!("SELECT has_table('app', 't{table}{own}', 'It is there');\n"),
            1 => format!("SELECT has_view('app', 't{table}', 'It is there');\n"),
            2 => format!("SELECT hasnt_table('app', 't{table}{own}', 'It is gone');\n"),
            3 => format!("SELECT columns_are('app', 't{table}', ARRAY['c{column}', 'd{column}']);\n"),
            4 => format!("SELECT has_function('app', 'f{table}.x{own}', 'It is there');\n"),
            5 => format!("SELECT lives_ok('SELECT f{column}() FROM app.t{table}{own}');\n"),
            6 => format!("SELECT fk_ok('app', 't{table}', 'c', 'app', 't{column}', 'id');\n"),
            7 => format!("SELECT has_table('app', 't_' || x{column});\n"),
            _ => format!("SELECT has_column('app', 't{table}{own}', 'c{column}', 'It is there');\n"),
        };
    }
    sql
}

/// A store over `files`, which sheds after those that `sheds` says.
fn store(files: &[String], suite: &Suite, sheds: &dyn Fn(usize) -> bool) -> Store {
    let (mut store, mut batch) = (Store::default(), Batch::default());
    let mut reader = Reader::new(suite, Wanted::default());
    let shelf = Arc::new(Shelf::new(&SpillPlace::default(), true).unwrap());
    for (at, sql) in files.iter().enumerate() {
        batch.clear();
        let facts = reader.read(sql.as_bytes(), &mut batch);
        batch.end_file(at as u32, sql.len() as u64, 1, Stamp::default(), facts);
        store.absorb(&mut batch);
        if sheds(at) {
            store.shed(&shelf).unwrap();
        }
    }
    store.settle().unwrap();
    store
}

/// All answers, as text; numbers of labels left out, for they differ.
fn answers(store: &Store, suite: &Suite, order: &[u32], most: usize) -> String {
    let mut out = String::new();
    for purpose in [Purpose::Coverage, Purpose::Labels] {
        let index = Index::build(store, order, purpose, most, &|| true).unwrap();
        let view = View {
            store,
            suite,
            order,
            index: &index,
        };
        for (area, _) in AREAS {
            for id in index.of(area).iter() {
                let name = label_text(store, id);
                let found = store.find(area, split(name.as_bytes()));
                let records: Vec<_> = index
                    .records(id)
                    .iter()
                    .map(|at| (index.file_of(*at), store.records.get(*at as usize)))
                    .collect();
                let records: Vec<_> = records
                    .iter()
                    .map(|(file, r)| r.map(|r| (*file, r.line, r.kind, r.flags)))
                    .collect();
                out += &format!(
                    "{area:?} {name} {} {:?} {records:?} {:?}\n",
                    found == Some(id),
                    view.kinds(id),
                    view.files(id)
                );
            }
        }
        out += &format!(
            "{}\n{}\n{}\n",
            aside(&view),
            view.statistics(""),
            statistics(store, suite, order, &index)
        );
        let gaps: Vec<_> = view.uncovered().into_iter().map(|id| label_text(store, id)).collect();
        out += &format!("{gaps:?} {}", view.partial().count());
    }
    out
}

#[test]
fn a_store_on_disk_answers_as_one_in_memory() {
    let suite = Suite::new(Vec::new());
    let mut random = Random(7);
    for round in 0..6 {
        let files: Vec<String> = (0..600).map(|at| file(&mut random, at)).collect();
        let order: Vec<u32> = (0..600).filter(|at| at % 50 != 49).collect();
        let every = [1, 7, 100, 250, 599, 31][round];
        let roomy = store(&files, &suite, &|_| false);
        let short = store(&files, &suite, &|at| at % every == every - 1);
        assert!(roomy.shelf().is_none() && short.labels.len() > roomy.labels.len());
        let expected = answers(&roomy, &suite, &order, usize::MAX);
        assert!(
            expected.len() > 500_000 && !expected.contains("false ["),
            "{}",
            expected.len()
        );
        assert!(answers(&short, &suite, &order, usize::MAX) == expected, "every {every}");
        assert!(
            answers(&short, &suite, &order, 1) == expected,
            "every {every}, index in passes"
        );
        assert!(short.failure().is_none());
    }
}

#[test]
fn an_index_that_is_cancelled_ends_within_a_few_thousand_records() {
    let suite = Suite::new(Vec::new());
    let mut random = Random(3);
    let files: Vec<String> = (0..200).map(|at| file(&mut random, at)).collect();
    let store = store(&files, &suite, &|_| false);
    let order: Vec<u32> = (0..200).cycle().take(20_000).collect();
    let records: usize = order.iter().map(|file| store.records_of(*file as usize).len()).sum();
    let asked = Cell::new(0);
    let build = |most: usize| {
        asked.set(0);
        let goes_on = || asked.replace(asked.get() + 1) < most;
        Index::build(&store, &order, Purpose::Coverage, usize::MAX, &goes_on)
    };
    assert!(build(usize::MAX).is_ok());
    // Twice through the records; a file or so may be counted on top each time.
    let all = asked.get();
    assert!(
        all > 20 && all >= records * 2 / 5000 && all <= records * 2 / 4096 + 2,
        "{all} for {records}"
    );
    for stop in [0, 1, all / 2, all - 1] {
        assert!(matches!(build(stop), Err(Unbuilt::Cancelled)), "{stop}");
        assert_eq!(asked.get(), stop + 1, "no work behind the answer");
    }
    assert!(build(all).is_ok());
}
