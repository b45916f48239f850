//! Facts as they are given on the command line: `size=SMALL`.

use anyhow::bail;

use crate::analysis::Sound;
use crate::diagnostic::nearest;
use crate::logic::FALSE;
use crate::model::{Binding, Fact, FactId, NodeId, Type, listed};
use crate::source::Span;

/// A fact and its value, as written.
pub type Equation = (String, String);

pub fn equation(text: &str) -> Result<Equation, String> {
    match text.split_once('=') {
        Some((fact, value)) if !fact.trim().is_empty() && !value.trim().is_empty() => {
            Ok((fact.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err("write a fact and its value, as in size=SMALL".to_owned()),
    }
}

/// What the equations of an option say, if some variant agrees with all of it.
pub fn bindings(sound: Sound<'_, '_>, option: &str, equations: &[Equation]) -> anyhow::Result<Vec<Binding>> {
    let mut bindings = Vec::new();
    for (index, (written, value)) in equations.iter().enumerate() {
        if equations[..index].iter().any(|(other, _)| other == written) {
            bail!("{option} gives `{written}` twice");
        }
        let (name, item) = written.split_once('@').map_or((&written[..], None), |(name, item)| (name, Some(item)));
        let facts = &sound.model.facts;
        let Some(index) = facts.iter().position(|fact| fact.name.name == name) else {
            let finite = facts.iter().filter(|fact| sound.model.domain(fact.of).is_some()).map(|fact| fact.name.name);
            let help = suggestion(name, "facts", finite.collect());
            bail!("{option} {written}={value}: there is no fact `{name}`; {help}");
        };
        let fact = FactId::new(index);
        let number = number(sound, &facts[index], option, value)?;
        let at = item.map(|item| version(sound, fact, option, written, item)).transpose()?;
        bindings.push(Binding { fact, at, value: number, span: Span::default() });
    }
    if sound.possible(sound.given(&bindings)) == FALSE {
        bail!("no variant agrees with all of {option}");
    }
    Ok(bindings)
}

/// The item that leaves a version.
fn version(sound: Sound<'_, '_>, fact: FactId, option: &str, written: &str, item: &str) -> anyhow::Result<NodeId> {
    let versions = sound.variables().map(|variable| sound.version(variable)).filter(|version| version.fact == fact);
    let nodes: Vec<NodeId> = versions.filter_map(|version| version.node).collect();
    // A phase stands for what decides it inside.
    let named = |node: &NodeId| sound.model.ancestors(*node).find(|outer| sound.model.node(*outer).name.name == item);
    match nodes.iter().find_map(named) {
        Some(node) => Ok(node),
        None => {
            let names: Vec<&str> = nodes.iter().map(|node| sound.model.node(*node).name.name).collect();
            bail!("{option} {written}: no such version; {}", suggestion(item, "items that settle it", names))
        }
    }
}

fn number(sound: Sound<'_, '_>, fact: &Fact<'_>, option: &str, value: &str) -> anyhow::Result<i64> {
    let name = fact.name.name;
    let Some((low, high)) = sound.model.domain(fact.of) else {
        bail!("{option} {name}={value}: `{name}` is a text, and texts decide nothing");
    };
    if let Type::Int(..) = fact.of {
        let number = value.parse().ok().filter(|number| (low..=high).contains(number));
        let Some(number) = number else { bail!("{option} {name}={value}: the values of `{name}` are {low} to {high}") };
        return Ok(number);
    }
    let values: Vec<String> = (low..=high).map(|number| sound.model.value_name(fact.of, number)).collect();
    match values.iter().position(|known| known == value) {
        Some(index) => Ok(low + index as i64),
        None => {
            let help = suggestion(value, "values", values.iter().map(String::as_str).collect());
            bail!("{option} {name}={value}: `{name}` has no value `{value}`; {help}")
        }
    }
}

/// The nearest candidate, or all when there is none.
fn suggestion(name: &str, kind: &str, candidates: Vec<&str>) -> String {
    match nearest(name, candidates.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if candidates.is_empty() => format!("there are no {kind}"),
        None => format!("the {kind} are {}", listed(&candidates)),
    }
}
