//! The files that a workflow speaks of, as sets of paths from the root of the repository.

use std::collections::HashMap;

use crate::analysis::Analysis;
use crate::glob::{Pattern, Piece, Shared, TooLarge, Values};
use crate::model::{ArtifactId, FactId, Target, Text, Value, decimal};
use crate::source::Span;
use crate::syntax::text;

/// Patterns over the same values.
pub struct Files<'a, 's> {
    analysis: &'a Analysis<'s>,
    values: Values,
    numbers: HashMap<(Of, String), u32>,
}

/// What a value belongs to: the same name may be another value elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Of {
    /// The same wherever it stands.
    Run,
    /// A task: another one for whatever else is written.
    Text(Span),
}

/// References inside constants are followed this far; a circle is reported where it stands.
const DEPTH: usize = 16;

/// All that a value can be, if it can be this much.
const FEW: i64 = 32;

impl<'a, 's> Files<'a, 's> {
    pub fn new(analysis: &'a Analysis<'s>) -> Self {
        Files { analysis, values: Values::default(), numbers: HashMap::new() }
    }

    /// What `writes` names.
    pub fn written(&mut self, glob: &Text<'s>) -> Pattern {
        let mut pieces = Vec::new();
        self.pieces(glob, 0, &mut pieces);
        Pattern::glob(&pieces)
    }

    /// The file of an artifact.
    pub fn artifact(&mut self, id: ArtifactId) -> Pattern {
        let model = &self.analysis.model;
        let artifact = &model.artifacts[id.index()];
        let mut path = Vec::new();
        match &artifact.path {
            Some(text) => self.pieces(text, 0, &mut path),
            None => path.extend(artifact.file().chars().map(Piece::Char)),
        }
        if path.first() == Some(&Piece::Char('/')) {
            return Pattern::path(&path);
        }
        let mut pieces = Vec::new();
        match &model.output {
            Some(output) => self.pieces(output, 0, &mut pieces),
            // Wherever that is, it is no folder of the repository that somebody names.
            None => pieces.push(Piece::Char('\0')),
        }
        pieces.push(Piece::Char('/'));
        pieces.extend(path);
        Pattern::path(&pieces)
    }

    pub fn shared(&self, a: &Pattern, b: &Pattern) -> Result<Option<Shared>, TooLarge> {
        a.shared(b, &self.values)
    }

    fn pieces(&mut self, written: &Text<'s>, depth: usize, pieces: &mut Vec<Piece>) {
        let model = &self.analysis.model;
        let content = written.content();
        let mut targets = model.targets.get(&written.span).into_iter().flatten();
        let mut from = 0;
        let literal = |part: &str, pieces: &mut Vec<Piece>| {
            pieces.extend(part.replace("$${", "${").chars().map(Piece::Char));
        };
        for reference in text::references(&content) {
            literal(&content[from..reference.start], pieces);
            from = reference.end;
            match targets.next().and_then(Option::as_ref) {
                Some(Target::Let(id)) if depth < DEPTH => match &model.lets[id.index()].value {
                    Value::Text(text) => self.pieces(text, depth + 1, pieces),
                    Value::Number(number) => literal(&decimal(number.thousandths), pieces),
                    Value::Name(name) => literal(name.name, pieces),
                },
                Some(Target::Limit(id)) if model.limits[id.index()].key.is_none() => {
                    let number = model.limits[id.index()].value.map(|value| value.to_string());
                    literal(&number.unwrap_or_default(), pieces);
                }
                Some(Target::Artifact(id)) if depth < DEPTH => match &model.artifacts[id.index()].path {
                    Some(text) => self.pieces(text, depth + 1, pieces),
                    None => literal(&model.artifacts[id.index()].file(), pieces),
                },
                Some(Target::Fact(id)) => pieces.push(self.value(Of::Run, reference.inner, Some(*id))),
                Some(Target::Variable(name)) if *name != "run" => {
                    pieces.push(self.value(Of::Text(written.span), name, None));
                }
                _ => pieces.push(self.value(Of::Run, reference.inner, None)),
            }
        }
        literal(&content[from..], pieces);
    }

    fn value(&mut self, of: Of, name: &str, fact: Option<FactId>) -> Piece {
        let (values, model) = (&mut self.values, &self.analysis.model);
        let number = *self.numbers.entry((of, name.to_string())).or_insert_with(|| {
            let of = fact.map(|fact| model.facts[fact.index()].of);
            let domain = of.and_then(|of| Some((of, model.domain(of)?))).filter(|(_, (low, high))| high - low < FEW);
            let few = domain.map(|(of, (low, high))| (low..=high).map(|value| model.value_name(of, value)).collect());
            values.add(name, few)
        });
        Piece::Value(number)
    }
}

/// " where `b` is the same as `a`", if some value must be something particular.
pub fn when_so(shared: &Shared) -> String {
    let is = |(name, text): &(String, String)| match text.strip_prefix("${").and_then(|text| text.strip_suffix('}')) {
        Some(other) if !other.contains('}') => format!("`{name}` is the same as `{other}`"),
        _ => format!("`{name}` is `{text}`"),
    };
    let values: Vec<String> = shared.values.iter().map(is).collect();
    if values.is_empty() { String::new() } else { format!(" where {}", values.join(" and ")) }
}
