//! Scores and ladders: bands that can be reached, thresholds that rise.

use crate::analysis::Analysis;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::model::{Factor, Quantity, Score, decimal};
use crate::source::Span;

codes! {
    BAND_UNREACHABLE: "WF805" "band-unreachable" Warning = "No total of a score lies in one of its bands.",
        "The total is what each factor earns times its weight, added up. All totals that can come about are counted, not only \
         the smallest and the largest, and none of them lies between where this band begins and where the next one does. So \
         the fact never has this value, and what hangs on it never happens. A factor whose points are for numbers earns \
         nothing below its first number. Totals are not counted when there are more than 100,000 of them.",
        bad: "workflow w\n\nenum Tier { SIMPLE < COMPLEX < HUGE }\n\nfact tier: Tier\n\nphase a {\n  decides tier\n}\n\nphase b when tier >= COMPLEX\n\nscore tier {\n  factor auth weight 2 { key -> 1 oauth -> 3 }\n  factor files { few -> 0 many -> 1 }\n  SIMPLE from 0\n  COMPLEX from 4\n  HUGE from 8\n}\n",
        good: "workflow w\n\nenum Tier { SIMPLE < COMPLEX < HUGE }\n\nfact tier: Tier\n\nphase a {\n  decides tier\n}\n\nphase b when tier >= COMPLEX\n\nscore tier {\n  factor auth weight 2 { key -> 1 oauth -> 3 }\n  factor files { few -> 0 many -> 1 }\n  SIMPLE from 0\n  COMPLEX from 4\n  HUGE from 7\n}\n";
    THRESHOLDS_NOT_RISING: "WF806" "thresholds-not-rising" Error = "Thresholds of one scale do not rise.",
        "The rungs of `context`, the bands of a score and the numbers of a factor are each one scale, read from the lowest up: \
         what applies is the last one reached. One that does not lie above the one before it leaves that one no room, or was \
         written with another number than was meant.",
        bad: "workflow w\n\ncontext 200k {\n  warn 75%\n  should 60%\n  block 85%\n}\n\nphase a\n",
        good: "workflow w\n\ncontext 200k {\n  warn 60%\n  should 75%\n  block 85%\n}\n\nphase a\n";
}

/// Totals are counted up to this number.
const MAX_TOTALS: usize = 100_000;

/// A step of a scale: its name, where that stands, and where it begins, in thousandths.
type Threshold<'s> = (&'s str, Span, i64);

/// Rungs, bands and the numbers of factors rise.
pub fn thresholds_rise(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    let model = &analysis.model;
    let rungs: Vec<Threshold<'_>> = model
        .context
        .iter()
        .flat_map(|context| &context.rungs)
        .map(|rung| (rung.word.name, rung.word.span, rung.share * 1000))
        .collect();
    rise(&rungs, |(name, _, share)| format!("rung `{name}` at {}%", decimal(*share)), found);
    for score in &model.scores {
        rise(&bands(score), |(name, _, from)| format!("band `{name}` from {}", decimal(*from)), found);
        for factor in &score.factors {
            let numbers: Vec<Threshold<'_>> = factor
                .points
                .iter()
                .filter_map(|(value, _)| Some((*value, span_of(analysis, value), number(value)?)))
                .collect();
            rise(&numbers, |(value, ..)| format!("`{value}`"), found);
        }
    }
}

fn bands<'s>(score: &Score<'s>) -> Vec<Threshold<'s>> {
    score.bands.iter().map(|band| (band.value.name, band.value.span, band.from)).collect()
}

fn rise<'s>(scale: &[Threshold<'s>], shown: impl Fn(&Threshold<'s>) -> String, found: &mut Vec<Diagnostic>) {
    for pair in scale.windows(2) {
        let (before, this) = (&pair[0], &pair[1]);
        if this.2 <= before.2 {
            found.push(
                Diagnostic::new(
                    &THRESHOLDS_NOT_RISING,
                    this.1,
                    format!("{} does not lie above {}", shown(this), shown(before)),
                )
                .label("does not rise")
                .related(before.1, "the one before it")
                .help("write them from the lowest to the highest, each once"),
            );
        }
    }
}

/// A slice of the source, by where it lies in it.
fn span_of(analysis: &Analysis<'_>, slice: &str) -> Span {
    analysis.model.place_of(slice)
}

fn number(value: &str) -> Option<i64> {
    let begins = value.starts_with(|c: char| c.is_ascii_digit() || c == '-');
    Quantity::read(value).ok().filter(|_| begins).map(|quantity| quantity.thousandths)
}

/// Every band of a score can be reached.
pub fn bands_can_be_reached(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    for score in analysis.model.scores.iter().filter(|score| !score.factors.is_empty()) {
        let bands = bands(score);
        let rising = bands.windows(2).all(|pair| pair[0].2 < pair[1].2);
        let Some(totals) = totals(&score.factors).filter(|_| rising) else { continue };
        for (index, (name, span, from)) in bands.iter().enumerate() {
            let begins = millionths(*from);
            let ends = bands.get(index + 1).map(|(_, _, next)| millionths(*next));
            let first = totals.partition_point(|total| *total < begins);
            if totals.get(first).is_some_and(|total| ends.is_none_or(|ends| *total < ends)) {
                continue;
            }
            let below = first.checked_sub(1).map(|below| exact(totals[below]));
            let nearest = match (below, totals.get(first).map(|above| exact(*above))) {
                (Some(below), Some(above)) => format!("the nearest are {below} below and {above} above"),
                (Some(below), None) => format!("the largest is {below}"),
                (None, Some(above)) => format!("the smallest is {above}"),
                (None, None) => continue,
            };
            let begins = decimal(*from);
            let place = match bands.get(index + 1) {
                Some((.., next)) => format!("from {begins} up to {}", decimal(*next)),
                None => format!("from {begins}"),
            };
            let factors = score.factors.iter().map(|factor| factor.name.span).reduce(Span::to);
            let message = format!("no total of `{}` lies in `{name}`: {nearest}", score.name.name);
            let mut diagnostic = Diagnostic::new(&BAND_UNREACHABLE, *span, message).label(place);
            if let Some(factors) = factors {
                diagnostic = diagnostic.related(factors.at_start(), "what the factors earn is added up");
            }
            found.push(diagnostic.help("let the band begin where totals are, or change points or weights"));
        }
    }
}

/// All totals that can come about, in millionths, rising; `None` when there are too many.
fn totals(factors: &[Factor<'_>]) -> Option<Vec<i64>> {
    let mut totals = vec![0];
    for factor in factors {
        let mut earned: Vec<i64> =
            factor.points.iter().map(|(_, points)| points.checked_mul(factor.weight)).collect::<Option<_>>()?;
        let numbers: Option<Vec<i64>> = factor.points.iter().map(|(value, _)| number(value)).collect();
        if numbers.is_some_and(|numbers| numbers.iter().all(|number| *number > 0)) {
            earned.push(0);
        }
        earned.sort_unstable();
        earned.dedup();
        let mut sums =
            Vec::with_capacity(totals.len().checked_mul(earned.len()).filter(|sums| *sums <= 50 * MAX_TOTALS)?);
        for total in &totals {
            for points in &earned {
                sums.push(i64::checked_add(*total, *points)?);
            }
        }
        sums.sort_unstable();
        sums.dedup();
        if sums.len() > MAX_TOTALS {
            return None;
        }
        totals = sums;
    }
    Some(totals)
}

fn millionths(thousandths: i64) -> i64 {
    thousandths.saturating_mul(1000)
}

/// Millionths as a decimal number without needless zeros.
fn exact(millionths: i64) -> String {
    let sign = if millionths < 0 { "-" } else { "" };
    let (whole, rest) = (millionths.unsigned_abs() / 1_000_000, millionths.unsigned_abs() % 1_000_000);
    format!("{sign}{whole}.{rest:06}").trim_end_matches('0').trim_end_matches('.').to_string()
}
