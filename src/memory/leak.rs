//! Whether memory leaks: floors of used memory over windows of time, a score, a gate, and a verdict.
//!
//! Used heap rises between collections in every program. What a major collection leaves is what is alive; a leak is a
//! rise of these floors that goes on from window to window. Nothing here collects garbage or reads a clock: it takes
//! samples and collections as they come, and never keeps more than some kilobytes of them.

use super::leak_judge::{Judged, Last, MAJORS, counts_rise, factors};
use super::leak_pattern::{self, Bulge, Growth, Pattern};
use super::leak_report::{LeakReport, Numbers, Series, Verdict};
use super::leak_score::{ENOUGH_MAJORS, Evidence, Parts, SUSPECTED};
use super::leak_window::{Of, Window};
use super::series::{Point, median, thin};

/// How a detector judges.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// The least length of a window.
    pub window_ms: f64,
    /// Percent of the limit from which peaks count.
    pub warning_percent: f64,
    /// Percent of the limit at which they count in full.
    pub emergency_percent: f64,
}

/// Memory at a moment, in bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// Milliseconds since any fixed moment, not before the sample before.
    pub at_ms: f64,
    /// Used heap.
    pub heap_used: f64,
    /// What V8 committed for the heap, garbage and room for more included.
    pub heap_total: f64,
    /// Memory outside the heap that V8 knows of.
    pub external: f64,
    /// Resident memory of the process.
    pub rss: f64,
    /// Use in percent of the limit.
    pub usage_percent: f64,
    /// Active resources, where somebody counts them.
    pub resources: Option<u32>,
    /// Listeners where they pile up, where somebody counts them.
    pub listeners: Option<u32>,
    /// Detached contexts, where known.
    pub detached: Option<u32>,
}

impl Sample {
    fn is_finite(&self) -> bool {
        let figures = [
            self.at_ms,
            self.heap_used,
            self.heap_total,
            self.external,
            self.rss,
            self.usage_percent,
        ];
        figures.into_iter().all(f64::is_finite)
    }
}

/// A garbage collection.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Collection {
    /// When it ended, or when it was learned of.
    pub at_ms: f64,
    /// Of the whole heap.
    pub major: bool,
    /// Used heap before it, in bytes.
    pub before: f64,
    /// Used heap after it, in bytes.
    pub after: f64,
}

/// Major collections that a window waits for: a heap that leaks runs few, and a line through few floors is mostly noise.
const WANTED: u32 = 8;
/// After so many times its length it waits for no more than [`ENOUGH_MAJORS`].
const PATIENCE: f64 = 3.0;
/// After so many times its length it ends, with what there is.
const STRETCH: f64 = 12.0;
/// A cleanup that frees less had no effect.
const EFFECT: f64 = 1024.0 * 1024.0;
/// Collections that free this many times the floor in a window are churn.
const CHURN: f64 = 10.0;
/// Windows whose floor does not rise that end a suspicion.
const CALM: u32 = 2;
/// Floors of growing windows that are kept to see whether growth slows down: six of each of the last ten.
const HISTORY: usize = 60;
const PER_WINDOW: usize = 6;

/// A suspicion that is not resolved.
#[derive(Clone, Copy, Debug)]
struct Suspicion {
    series: Series,
    pattern: Pattern,
    since_ms: f64,
    /// Windows in a row whose floor did not rise.
    calm: u32,
}

/// A detector.
#[derive(Clone, Debug)]
pub struct Leaks {
    options: Options,
    window: Option<Window>,
    /// When to look whether the window is full.
    look_ms: f64,
    last: [Last; 3],
    /// Floors of the heap in windows that grew without a break.
    history: Vec<Point>,
    suspicion: Option<Suspicion>,
    report: LeakReport,
}

impl Leaks {
    /// A detector that has seen nothing.
    pub fn new(options: Options) -> Self {
        Self {
            options,
            window: None,
            look_ms: 0.0,
            last: Default::default(),
            history: Vec::new(),
            suspicion: None,
            report: LeakReport::default(),
        }
    }

    /// What it says of the last full window.
    pub fn report(&self) -> &LeakReport {
        &self.report
    }

    /// Bytes that it holds.
    pub fn bytes(&self) -> usize {
        let window = self.window.as_ref().map_or(0, Window::bytes);
        size_of::<Self>() + window + self.history.capacity() * size_of::<Point>()
    }

    /// Takes a sample; the change of the verdict if it ends a window that changes it. A sample with a figure that is not
    /// finite is none.
    pub fn sample(&mut self, sample: &Sample) -> Option<Verdict> {
        if !sample.is_finite() {
            return None;
        }
        self.window_at(sample.at_ms).sample(sample);
        if sample.at_ms < self.look_ms {
            return None;
        }
        let window = self.window.take()?;
        let judged = Judged::all(&window, &self.last);
        if self.is_full(&window, &judged) {
            return self.close(&window, &judged);
        }
        self.look_ms = sample.at_ms + self.options.window_ms;
        self.window = Some(window);
        None
    }

    /// Takes a collection. It may be told late: one from before the window counts as of its beginning.
    pub fn collection(&mut self, found: &Collection) {
        if [found.at_ms, found.before, found.after].into_iter().all(f64::is_finite) {
            let start_ms = self.window.as_ref().map_or(found.at_ms, |window| window.start_ms);
            let at_ms = found.at_ms.max(start_ms);
            self.window_at(at_ms).collection(&Collection { at_ms, ..*found });
        }
    }

    /// Takes a cleanup of the program's own and the bytes that it freed: repeated ones without effect speak for a leak.
    pub fn cleanup(&mut self, at_ms: f64, freed: f64) {
        if at_ms.is_finite() {
            self.window_at(at_ms).idle_cleanups += u32::from(freed < EFFECT);
        }
    }

    /// The window that a moment belongs to. A clock that went back begins a new one.
    fn window_at(&mut self, at_ms: f64) -> &mut Window {
        let length = self.options.window_ms;
        self.window.take_if(|window| at_ms < window.start_ms);
        let look_ms = &mut self.look_ms;
        self.window.get_or_insert_with(|| {
            *look_ms = at_ms + length;
            Window::new(at_ms, length)
        })
    }

    /// A window waits for collections, and goes on while a rise goes on that is not yet clear.
    fn is_full(&self, window: &Window, judged: &[Judged; 3]) -> bool {
        let length = self.options.window_ms;
        let lengths = window.elapsed_ms() / length;
        let enough = if lengths < PATIENCE { WANTED } else { ENOUGH_MAJORS };
        let clear = judged[..2].iter().any(Judged::is_clear);
        let undecided = judged.iter().any(|found| found.is_undecided(STRETCH * length));
        lengths >= STRETCH || (window.majors >= enough && (clear || !undecided))
    }

    /// Ends a window: what it says, and what is kept of it for the next.
    fn close(&mut self, window: &Window, judged: &[Judged; 3]) -> Option<Verdict> {
        self.lengthen_history(&judged[0]);
        let parts = self.parts(window, judged);
        let leading = self.leading(judged, &parts);
        let index = leading.unwrap_or(0);
        let change = match (leading, self.suspicion) {
            (Some(index), _) => self.suspect(judged[index].series, self.label(window, judged), window.last_ms),
            (None, Some(open)) => self.calm_down(open, judged),
            (None, None) => None,
        };
        self.last = judged.each_ref().map(Judged::remembered);
        self.write(window, judged, &parts[index], leading);
        change.map(|verdict| verdict(self.report.clone()))
    }

    fn parts(&self, window: &Window, judged: &[Judged; 3]) -> [Parts; 3] {
        let factors = factors(window, judged);
        let freed_share = freed_share(window);
        judged.each_ref().map(|found| {
            let evidence = Evidence {
                mb_per_hour: found.mb_per_hour(),
                grown: found.gate.grown,
                rise_by_chance: found.chance,
                majors: window.majors,
                peak_percent: window.peak_percent,
                freed_share,
                factors,
            };
            Parts::of(&evidence, self.options.warning_percent, self.options.emergency_percent)
        })
    }

    /// The series that is suspected; the steepest of several. The rest of resident memory follows the others, and says
    /// something of its own only where they stand still.
    fn leading(&self, judged: &[Judged; 3], parts: &[Parts; 3]) -> Option<usize> {
        let v8_grows = judged[..2].iter().any(|found| found.gate.grown);
        let suspected = |index: &usize| {
            let found = &judged[*index];
            let counts = found.series != Series::Native || !v8_grows;
            counts && found.gate.is_open() && parts[*index].sum() >= SUSPECTED
        };
        let slope = |index: &usize| judged[*index].line.slope;
        (0..3).filter(suspected).max_by(|a, b| slope(a).total_cmp(&slope(b)))
    }

    fn label(&self, window: &Window, [heap, external, _]: &[Judged; 3]) -> Pattern {
        let passed = |found: &Judged| if found.gate.is_open() { found.mb_per_hour() } else { 0.0 };
        leak_pattern::of(&Growth {
            heap: passed(heap),
            external: passed(external),
            listeners: counts_rise(window, Of::Listeners) || counts_rise(window, Of::Resources),
            slowing: Bulge::of(&self.history).slows(),
        })
    }

    fn suspect(&mut self, series: Series, pattern: Pattern, at_ms: f64) -> Option<fn(LeakReport) -> Verdict> {
        let since_ms = self.suspicion.map_or(at_ms, |open| open.since_ms);
        let first = self.suspicion.is_none();
        self.suspicion = Some(Suspicion {
            series,
            pattern,
            since_ms,
            calm: 0,
        });
        first.then_some(Verdict::Suspected)
    }

    fn calm_down(&mut self, mut open: Suspicion, judged: &[Judged; 3]) -> Option<fn(LeakReport) -> Verdict> {
        let index = open.series as usize;
        let stands = self.last[index]
            .median
            .is_some_and(|before| judged[index].median <= before);
        open.calm = if stands { open.calm + 1 } else { 0 };
        self.suspicion = (open.calm < CALM).then_some(open);
        if self.suspicion.is_some() {
            None
        } else {
            Some(Verdict::Resolved)
        }
    }

    /// Keeps the floors of a heap that grows; one that does not begins anew.
    fn lengthen_history(&mut self, heap: &Judged) {
        if heap.line.slope <= 0.0 {
            self.history.clear();
            return;
        }
        self.history.extend(thin(&heap.floors, PER_WINDOW));
        let over = self.history.len().saturating_sub(HISTORY);
        self.history.drain(..over);
    }

    fn write(&mut self, window: &Window, judged: &[Judged; 3], parts: &Parts, leading: Option<usize>) {
        let found = &judged[leading.unwrap_or(0)];
        let pattern = self
            .suspicion
            .map(|open| open.pattern)
            .or_else(|| churn(window, &judged[0]));
        self.report = LeakReport {
            score: parts.sum(),
            suspected: leading.is_some(),
            since_ms: self.suspicion.map(|open| open.since_ms),
            parts: *parts,
            growth_mb_per_hour: found.mb_per_hour(),
            pattern,
            series: found.series,
            gate: found.gate,
            window_ms: window.elapsed_ms(),
            at_ms: Some(window.last_ms),
            windows: self.report.windows + 1,
            majors: window.majors,
            evidence: self.numbers(window, judged, found),
            recommendations: leak_pattern::recommendations(pattern),
        };
    }

    fn numbers(&self, window: &Window, [heap, external, native]: &[Judged; 3], found: &Judged) -> Numbers {
        let bulge = Bulge::of(&self.history);
        Numbers {
            floor_bytes: found.median,
            fitted_growth_bytes: found.growth,
            r_squared: found.line.r_squared,
            rise_by_chance: found.chance,
            heap_mb_per_hour: heap.mb_per_hour(),
            external_mb_per_hour: external.mb_per_hour(),
            native_mb_per_hour: native.mb_per_hour(),
            peak_percent: window.peak_percent,
            freed_share: freed_share(window),
            freed_bytes: window.freed_bytes,
            bulge: bulge.part,
            bulge_noise: bulge.noise,
        }
    }
}

fn freed_share(window: &Window) -> Option<f64> {
    let shares = window.shares();
    (!shares.is_empty()).then(|| median(shares))
}

/// Much is freed, and the floor stands still.
fn churn(window: &Window, heap: &Judged) -> Option<Pattern> {
    let freed = window.freed_bytes > CHURN * heap.median && window.majors >= MAJORS;
    (freed && !heap.gate.grown).then_some(Pattern::Churn)
}

#[cfg(test)]
#[path = "leak_tests.rs"]
mod tests;
