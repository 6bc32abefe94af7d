//! A store that moves its records to disk answers as one that has room for them.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::budget::{Budget, Reservation};
use crate::coverage::aside::aside;
use crate::coverage::batch::{Batch, Stamp};
use crate::coverage::index::{Index, Purpose, Unbuilt};
use crate::coverage::label::{Label, split};
use crate::coverage::shelf::Shelf;
use crate::coverage::statistics::{label_text, statistics};
use crate::coverage::store::Store;
use crate::coverage::summary::View;
use crate::pgtap::area::{AREAS, Area};
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

/// What a store does when it has taken over a file.
#[derive(Clone, Copy, Debug)]
enum Then {
    Nothing,
    /// So many thousandths of what it holds stay in memory.
    Shed(usize),
}

/// A store over `files`, which does what `then` says after each.
fn store(files: &[String], suite: &Suite, then: &dyn Fn(usize) -> Then) -> Store {
    let (mut store, mut batch) = (Store::default(), Batch::default());
    let mut reader = Reader::new(suite, Wanted::default());
    let shelf = a_shelf();
    for (at, sql) in files.iter().enumerate() {
        batch.clear();
        let facts = reader.read(sql.as_bytes(), &mut batch);
        batch.end_file(at as u32, sql.len() as u64, 1, Stamp::default(), facts);
        store.absorb(&mut batch);
        match then(at) {
            Then::Nothing => {}
            Then::Shed(stay) => store.shed(&shelf, store.movable_bytes() * stay / 1000).unwrap(),
        }
    }
    store.settle(usize::MAX).unwrap();
    store
}

fn a_shelf() -> Arc<Shelf> {
    Arc::new(Shelf::new(&SpillPlace::default(), true, &Budget::new(u64::MAX)).unwrap())
}

/// Moves objects until no area has more than `most` in memory; whether any moved.
fn move_objects(store: &Store, most: usize, goes_on: &dyn Fn() -> bool) -> bool {
    let shelf = store.shelf().cloned().unwrap_or_else(a_shelf);
    let count = store.labels.beyond(most);
    count > 0 && store.move_objects(&shelf, count, goes_on).unwrap()
}

fn unlimited() -> Reservation {
    Reservation::empty(&Budget::new(u64::MAX))
}

/// All answers, as text; numbers of labels left out, for they differ.
fn answers(store: &Store, suite: &Suite, order: &[u32], most: usize) -> String {
    let mut out = String::new();
    for purpose in [Purpose::Coverage, Purpose::Labels] {
        let index = Index::build(store, order, purpose, most, &|| true, &mut unlimited()).unwrap();
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
        let roomy = store(&files, &suite, &|_| Then::Nothing);
        let now = |at: usize| at % every == every - 1;
        let short = store(&files, &suite, &|at| {
            if now(at) { Then::Shed(0) } else { Then::Nothing }
        });
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
fn what_stays_in_memory_changes_no_answer() {
    let suite = Suite::new(Vec::new());
    let mut random = Random(5);
    let files: Vec<String> = (0..600).map(|at| file(&mut random, at)).collect();
    let order: Vec<u32> = (0..600).collect();
    let expected = answers(&store(&files, &suite, &|_| Then::Nothing), &suite, &order, usize::MAX);
    let mut moved = 0;
    for seed in 0..6 {
        // What happens after each file, at random; with every third seed nothing does.
        let mut random = Random(seed);
        let mut then = |_| match random.below(40) {
            0 if seed % 3 != 0 => Then::Shed(random.below(1001)),
            _ => Then::Nothing,
        };
        let all: Vec<Then> = (0..600).map(&mut then).collect();
        let short = store(&files, &suite, &|at| all[at]);
        let most = random.below(300);
        assert!(move_objects(&short, most, &|| true), "{seed}");
        assert!(short.labels.current().most_of_an_area() <= most, "{seed}");
        assert!(answers(&short, &suite, &order, usize::MAX) == expected, "{seed}");
        assert!(
            answers(&short, &suite, &order, 1) == expected,
            "{seed}, index in passes"
        );
        moved += short.shelf().map_or(0, |shelf| shelf.stats().frames);
    }
    assert!(moved > 60, "{moved} pages moved");
}

#[test]
fn what_was_met_lately_stays() {
    let suite = Suite::new(Vec::new());
    let mut random = Random(9);
    let files: Vec<String> = (0..2000).map(|at| file(&mut random, at)).collect();
    let mut short = store(&files, &suite, &|_| Then::Nothing);
    let (held, all) = (short.movable_bytes(), short.records.len());
    let shelf = a_shelf();
    let goal = held / 4;
    short.shed(&shelf, goal).unwrap();
    let stayed = short.movable_bytes();
    // Tables of hashes come in powers of two, and pages move as a whole.
    assert!(
        stayed <= goal * 3 / 2 && stayed >= goal / 2,
        "{stayed} of {held}, the goal was {goal}"
    );
    let mut here = 0;
    for number in 0..2000 {
        let from = short.files[number].records.from as usize;
        let in_memory = short.records.get_mut(from).is_some();
        assert!(in_memory >= (from > all * 4 / 5), "{number}");
        here += usize::from(in_memory);
    }
    assert!((300..700).contains(&here), "{here} of 2000 files");
    // Objects in memory are known when they are met again; others come back under another number.
    let before: Vec<_> = (1990..2000).flat_map(|at| labels_of(&short, at)).collect();
    let base = short.labels.current().base();
    let mut reader = Reader::new(&suite, Wanted::default());
    let mut batch = Batch::default();
    for (at, sql) in files.iter().enumerate().skip(1990) {
        let facts = reader.read(sql.as_bytes(), &mut batch);
        batch.end_file(at as u32, 1, 1, Stamp::default(), facts);
    }
    short.absorb(&mut batch);
    let after: Vec<_> = (1990..2000).flat_map(|at| labels_of(&short, at)).collect();
    let pairs = || before.iter().zip(&after);
    assert!(pairs().all(|(before, after)| *before == *after || (1..=base).contains(before)));
    let known = before.iter().filter(|label| **label > base).count();
    assert!(before.len() == after.len() && known > 50, "{known} of {}", before.len());
}

fn labels_of(store: &Store, file: usize) -> Vec<u32> {
    store.records_of(file).iter().map(|r| r.label).collect()
}

#[test]
fn of_each_kind_no_more_objects_stay_than_may() {
    let suite = Suite::new(Vec::new());
    let mut random = Random(2);
    let files: Vec<String> = (0..1500).map(|at| file(&mut random, at)).collect();
    let mut ran = 0;
    for most in [0, 1, 100, 2048, 3000, usize::MAX] {
        let kept = store(&files, &suite, &|_| Then::Nothing);
        let (held, records) = (kept.labels.current().most_of_an_area(), kept.records.here());
        assert!(held > 4000, "{held}");
        assert_eq!(move_objects(&kept, most, &|| true), most < held);
        let labels = kept.labels.current();
        let counted = AREAS.map(|(area, _)| labels.here().iter().filter(|l| l.area == area).count());
        assert_eq!(counted.into_iter().max(), Some(most.min(held)));
        assert_eq!(labels.most_of_an_area(), most.min(held));
        assert_eq!(kept.records.here(), records, "records are no objects");
        assert!(!move_objects(&kept, most, &|| true), "nothing is left to move");
        ran += 1;
    }
    assert_eq!(ran, 6);
}

#[test]
fn objects_whose_move_is_ended_stay() {
    let suite = Suite::new(Vec::new());
    let mut random = Random(2);
    let files: Vec<String> = (0..200).map(|at| file(&mut random, at)).collect();
    let kept = store(&files, &suite, &|_| Then::Nothing);
    let order: Vec<u32> = (0..200).collect();
    let expected = answers(&kept, &suite, &order, usize::MAX);
    let held = kept.labels.current().here().len();
    assert!(!move_objects(&kept, 10, &|| false));
    assert_eq!(kept.labels.current().here().len(), held);
    assert!(answers(&kept, &suite, &order, usize::MAX) == expected);
}

/// What a store says of a label.
fn known(store: &Store, id: u32) -> (Option<Label>, Option<u32>, u32, Option<u32>) {
    let label = store.labels.get(id).unwrap();
    let texts = label.parts.map(|part| store.names.get(part).into_owned());
    let found = store.find(label.area, [&texts[0], &texts[1], &texts[2]]);
    let sibling = store.sibling(&label, Area::Views);
    (Some(label), found, store.known_as(id), sibling)
}

#[test]
fn questions_go_on_while_objects_move() {
    let suite = Suite::new(Vec::new());
    let mut random = Random(4);
    let files: Vec<String> = (0..150).map(|at| file(&mut random, at)).collect();
    let mut asked = 0;
    for round in 0..20 {
        let kept = store(&files, &suite, &|_| Then::Nothing);
        let all = 1..=kept.labels.len() as u32;
        let expected: Vec<_> = all.clone().map(|id| known(&kept, id)).collect();
        let ended = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let asking = scope.spawn(|| {
                for asked in 1.. {
                    let last = ended.load(Ordering::Relaxed);
                    for (id, before) in all.clone().zip(&expected) {
                        assert_eq!(known(&kept, id), *before, "label {id}, round {round}");
                    }
                    if last {
                        return asked;
                    }
                }
                0
            });
            assert!(move_objects(&kept, 50, &|| true));
            ended.store(true, Ordering::Relaxed);
            asked += asking.join().unwrap();
        });
        assert!(kept.failure().is_none());
    }
    assert!(asked > 20, "{asked}");
}

#[test]
fn an_index_that_is_cancelled_ends_within_a_few_thousand_records() {
    let suite = Suite::new(Vec::new());
    let mut random = Random(3);
    let files: Vec<String> = (0..200).map(|at| file(&mut random, at)).collect();
    let store = store(&files, &suite, &|_| Then::Nothing);
    let order: Vec<u32> = (0..200).cycle().take(20_000).collect();
    let records: usize = order.iter().map(|file| store.records_of(*file as usize).len()).sum();
    let asked = Cell::new(0);
    let build = |most: usize| {
        asked.set(0);
        let goes_on = || asked.replace(asked.get() + 1) < most;
        Index::build(
            &store,
            &order,
            Purpose::Coverage,
            usize::MAX,
            &goes_on,
            &mut unlimited(),
        )
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

#[test]
fn what_grows_was_reserved_before() {
    let suite = Suite::new(Vec::new());
    let mut random = Random(11);
    let mut store = Store::default();
    let mut reader = Reader::new(&suite, Wanted::default());
    let mut grown = 0;
    for round in 0..60u32 {
        let mut batch = Batch::default();
        for at in 0..random.below(30) as u32 {
            let sql = file(&mut random, (round * 30 + at) as usize);
            let facts = reader.read(sql.as_bytes(), &mut batch);
            batch.end_file(round * 30 + at, 1, 1, Stamp::default(), facts);
        }
        let (before, most) = (store.heap_bytes(), store.growth(&batch));
        store.absorb(&mut batch);
        let after = store.heap_bytes();
        assert!(
            after <= before + most,
            "round {round}: {before} and {most} are less than {after}"
        );
        grown += usize::from(after > before);
    }
    assert!(
        grown > 20 && store.heap_bytes() > 300_000,
        "{grown} {}",
        store.heap_bytes()
    );
    let order: Vec<u32> = (0..store.files.len() as u32).collect();
    let budget = Budget::new(u64::MAX);
    let mut held = Reservation::empty(&budget);
    let goes_on = || {
        assert!(budget.current() > 0, "nothing is allocated before it is reserved");
        true
    };
    let index = Index::build(&store, &order, Purpose::Coverage, usize::MAX, &goes_on, &mut held).unwrap();
    assert!(budget.high() >= index.heap_bytes() as u64, "{}", budget.high());
    assert!(
        budget.high() < 2 * index.heap_bytes() as u64 + store.labels.len() as u64 * 8,
        "{}",
        budget.high()
    );
}
