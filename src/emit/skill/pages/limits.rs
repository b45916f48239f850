//! Bounds, the ladder of context, and scores.

use serde::Serialize;

use super::super::super::prose::{Prose, cell, joined};
use crate::model::{Ask, NodeId, NodeKind, Page, Quantity};

#[derive(Serialize)]
pub struct LimitsPage<'v> {
    mark: &'v str,
    limits: Vec<LimitRow>,
    has_keys: bool,
    window: String,
    rungs: Vec<RungRow>,
    scores: Vec<ScoreView>,
}

#[derive(Serialize)]
struct RungRow {
    word: String,
    share: i64,
    tokens: i64,
    action: String,
}

#[derive(Serialize)]
struct ScoreView {
    name: String,
    factors: Vec<FactorRow>,
    bands: Vec<BandRow>,
}

#[derive(Serialize)]
struct FactorRow {
    title: String,
    weight: String,
    points: String,
}

#[derive(Serialize)]
struct BandRow {
    range: String,
    value: String,
    meaning: String,
}

impl<'v> LimitsPage<'v> {
    pub fn new(prose: &Prose<'_, '_>, mark: &'v str) -> Self {
        let model = &prose.sound.model;
        let window = model.context.as_ref().map_or(0, |context| context.window);
        LimitsPage {
            mark,
            limits: limit_rows(prose),
            has_keys: model.limits.iter().any(|limit| limit.key.is_some()),
            window: if window > 0 { window.to_string() } else { String::new() },
            rungs: model
                .context
                .iter()
                .flat_map(|context| &context.rungs)
                .map(|rung| RungRow {
                    word: rung.word.name.to_string(),
                    share: rung.share,
                    tokens: window.saturating_mul(rung.share) / 100,
                    action: match rung.procedure {
                        Some(id) => format!("run {}", prose.link(Page::Procedure(id))),
                        None => rung_words(rung.word.name).to_string(),
                    },
                })
                .collect(),
            scores: model.scores.iter().map(|score| score_view(prose, score)).collect(),
        }
    }
}

fn rung_words(word: &str) -> &'static str {
    match word {
        "warn" => "say so, and plan a compaction",
        "should" => "compact at the next opportunity",
        "must" => "compact before anything else",
        "block" => "start no agent until it has been compacted",
        _ => "",
    }
}

fn score_view(prose: &Prose<'_, '_>, score: &crate::model::Score<'_>) -> ScoreView {
    let decimal = crate::model::decimal;
    let bands = score
        .bands
        .iter()
        .enumerate()
        .map(|(index, band)| BandRow {
            range: match score.bands.get(index + 1) {
                Some(next) => format!("from {}, below {}", decimal(band.from), decimal(next.from)),
                None => format!("from {}", decimal(band.from)),
            },
            value: band.value.name.to_string(),
            meaning: band.text.as_ref().map_or_else(String::new, |text| prose.cell(text)),
        })
        .collect();
    ScoreView {
        name: score.name.name.to_string(),
        factors: score
            .factors
            .iter()
            .map(|factor| FactorRow {
                title: match &factor.title {
                    Some(title) => prose.cell(title),
                    None => crate::model::readable(factor.name.name),
                },
                weight: decimal(factor.weight),
                points: factor
                    .points
                    .iter()
                    .map(|(value, points)| {
                        // A number is the least that earns the points; a name is the thing itself.
                        let from = if value.starts_with(|c: char| c.is_ascii_digit()) { "from " } else { "" };
                        format!("{from}{value}: {}", decimal(*points))
                    })
                    .collect::<Vec<_>>()
                    .join(", "),
            })
            .collect(),
        bands,
    }
}

/// A limit with its value, the key that sets it, and what it bounds.
#[derive(Serialize)]
pub struct LimitRow {
    name: String,
    value: String,
    key: String,
    section: String,
    used: String,
}

/// All limits; each with the places whose bound it is.
pub fn limit_rows(prose: &Prose<'_, '_>) -> Vec<LimitRow> {
    let model = &prose.sound.model;
    model
        .limits
        .iter()
        .map(|limit| {
            let key = limit.key.map_or_else(String::new, |key| key.name.to_string());
            LimitRow {
                name: limit.name.name.to_string(),
                value: limit.value.map_or_else(|| "—".to_string(), |value| Quantity::of(value).show()),
                section: key.split('.').next().unwrap_or_default().to_string(),
                key,
                used: cell(&used_at(prose, limit.name.name)),
            }
        })
        .collect()
}

/// The items whose bound a limit is.
fn used_at(prose: &Prose<'_, '_>, name: &str) -> String {
    let model = &prose.sound.model;
    let mut places: Vec<String> = Vec::new();
    for index in 1..model.nodes.len() {
        let id = NodeId::new(index);
        if bounded_by(prose, id, name) {
            let place = match model.node(id).kind {
                NodeKind::Spawn | NodeKind::Each => {
                    model.phase_of(id).map_or_else(String::new, |phase| prose.title(phase))
                }
                _ => prose.title(id),
            };
            if !places.contains(&place) {
                places.push(place);
            }
        }
    }
    if places.is_empty() { "named in the texts".to_string() } else { joined(&places) }
}

fn bounded_by(prose: &Prose<'_, '_>, id: NodeId, name: &str) -> bool {
    let model = &prose.sound.model;
    let is = |bound: &crate::model::Amount<'_>| bound.name == Some(name);
    let inner = model.loop_of(id);
    let work = model.work(id);
    let gate = model.gate(id);
    inner.and_then(|inner| inner.bound.as_ref()).is_some_and(is)
        || work.and_then(|work| work.each.as_ref()).and_then(|each| each.bound.as_ref()).is_some_and(is)
        || work.into_iter().flat_map(|work| &work.on_failure).any(|outcome| outcome_bounded(outcome, name))
        || gate.into_iter().flat_map(|gate| &gate.on_fail).any(|branch| outcome_bounded(&branch.outcome, name))
        || gate.and_then(|gate| gate.ask.as_ref()).is_some_and(|ask| ask_bounded(ask, name))
}

fn ask_bounded(ask: &Ask<'_>, name: &str) -> bool {
    ask.options.iter().filter_map(|option| option.outcome.as_ref()).any(|outcome| outcome_bounded(outcome, name))
}

fn outcome_bounded(outcome: &crate::model::Outcome<'_>, name: &str) -> bool {
    use crate::model::Action;
    outcome.actions.iter().any(|action| match action {
        Action::Redo { bound, .. } | Action::Fix { bound, .. } | Action::Retry { bound: Some(bound), .. } => {
            bound.name == Some(name)
        }
        Action::Ask(ask) => ask_bounded(ask, name),
        _ => false,
    })
}
