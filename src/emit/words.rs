//! Conditions, evidence and outcomes in words.

use super::prose::{Prose, joined};
use crate::analysis::Runs;
use crate::logic::{Diagram, TRUE};
use crate::model::{
    Action, Amount, Ask, Branch, Choice, Condition, Evidence, FactId, Item, Named, NodeId, Outcome, ProcedureId, Text,
    TextBlock, Type,
};

impl<'s> Prose<'_, 's> {
    /// When an item runs, as short as it can be said: "Always", "LARGE only", "MEDIUM+"; else as it was written.
    pub fn when(&self, node: NodeId) -> String {
        let run = self.sound.run(node);
        if self.sound.covers(run, TRUE) == Runs::Always {
            return "Always".to_string();
        }
        self.short(run).unwrap_or_else(|| {
            let item = self.sound.model.node(node);
            let own = item.when.as_ref().map(|when| self.condition(when));
            let around = Some(item.parent).filter(|parent| parent.index() > 0).map(|parent| self.when(parent));
            let around = around.filter(|around| around != "Always" && (own.is_none() || around != "Conditional"));
            match (around, own) {
                (Some(around), Some(own)) if around != own => format!("{around} and {own}"),
                (Some(one), _) | (None, Some(one)) => one,
                // A skip rule says it.
                (None, None) => "Conditional".to_string(),
            }
        })
    }

    /// The values of a type, with their labels: "`SMALL` (an afternoon) < `LARGE`", "0 to 9"; nothing of a text.
    pub fn values(&self, of: Type) -> String {
        let Type::Enum(id) = of else {
            return match of {
                Type::Bool => "true or false".to_string(),
                Type::Int(low, high) => format!("{low} to {high}"),
                Type::Enum(_) | Type::Text | Type::Unknown => String::new(),
            };
        };
        let item = &self.sound.model.enums[id.index()];
        let value = |(name, label): &(Named<'s>, Option<Text<'s>>)| match label {
            Some(label) => format!("`{}` ({})", name.name, self.text(label)),
            None => format!("`{}`", name.name),
        };
        let values: Vec<String> = item.values.iter().map(value).collect();
        values.join(if item.ordered { " < " } else { ", " })
    }

    /// Why an item is conditional: as it says itself, and as the skip rules say that name it.
    pub fn reasons(&self, id: NodeId) -> Vec<String> {
        let model = &self.sound.model;
        let rules = model.skips.iter().filter(|skip| skip.phases.iter().any(|(named, _)| *named == id));
        let reasons = model.node(id).because().into_iter().chain(rules.filter_map(|skip| skip.because.as_ref()));
        reasons.map(|reason| self.text(reason)).collect()
    }

    /// A text, with when it counts before it.
    pub fn block(&self, block: &TextBlock<'s>) -> String {
        match &block.when {
            Some(when) => format!("**{}:** {}", self.condition(when), self.text(&block.text)),
            None => self.text(&block.text),
        }
    }

    /// A condition over the last versions of the facts, as short as it can be said.
    pub fn condition(&self, condition: &Condition) -> String {
        let holds = self.sound.holds_finally(condition);
        self.short(holds).unwrap_or_else(|| self.written(condition))
    }

    /// As written, in backticks.
    pub fn written(&self, condition: &Condition) -> String {
        format!("`{}`", self.sound.model.written(condition.span))
    }

    /// The values of the fact that tells the variants apart, when it depends on nothing else.
    fn short(&self, holds: Diagram) -> Option<String> {
        let [variable] = self.sound.support(holds)[..] else { return None };
        let fact = self.sound.version(variable).fact;
        if self.sound.last_variable(fact) != Some(variable) || self.sound.main_fact() != Some(fact) {
            return None;
        }
        let values = self.values_where(fact, holds)?;
        let model = &self.sound.model;
        let Type::Enum(id) = model.facts[fact.index()].of else { return None };
        let item = &model.enums[id.index()];
        let name = |value: usize| model.value_name(model.facts[fact.index()].of, value as i64);
        let (first, last) = (*values.first()?, *values.last()?);
        let row = last - first + 1 == values.len();
        Some(match &values[..] {
            [one] => format!("{} only", name(*one)),
            _ if item.ordered && row && last + 1 == item.values.len() => format!("{}+", name(first)),
            _ if item.ordered && row && first == 0 => format!("up to {}", name(last)),
            values => values.iter().map(|value| name(*value)).collect::<Vec<_>>().join(", "),
        })
    }

    /// The values of a fact with which it holds, when they alone decide it.
    fn values_where(&self, fact: FactId, holds: Diagram) -> Option<Vec<usize>> {
        let variable = self.sound.last_variable(fact)?;
        let mut values = Vec::new();
        for cell in 0..self.sound.cells(variable).len() {
            match self.sound.covers(holds, self.sound.is(fact, cell)) {
                Runs::Always => values.push(cell),
                Runs::Never => {}
                Runs::Depends => return None,
            }
        }
        Some(values)
    }

    /// "at most 3 times".
    pub fn bound(&self, amount: &Amount<'_>) -> String {
        match amount.quantity.whole() {
            Some(1) => "at most once".to_string(),
            _ => format!("at most {} times", amount.quantity.show()),
        }
    }

    pub fn outcome(&self, outcome: &Outcome<'s>) -> String {
        let mut words: Vec<String> = outcome.actions.iter().map(|action| self.action(action)).collect();
        let bounded = matches!(
            outcome.actions.last(),
            Some(Action::Redo { .. } | Action::Fix { .. } | Action::Retry { bound: Some(_), .. })
        );
        if bounded {
            words.push("ask the person".to_string());
        }
        words.join("; then ")
    }

    fn action(&self, action: &Action<'s>) -> String {
        let model = &self.sound.model;
        let agent = |id: &crate::model::AgentId| model.agents[id.index()].name.name;
        match action {
            Action::Redo { target, bound, .. } => {
                format!("back to {} ({}), {}", self.node(*target), self.title(*target), self.bound(bound))
            }
            Action::Fix { agent: id, bound, .. } => {
                format!("`{}` fixes what failed, then it is checked again, {}", agent(id), self.bound(bound))
            }
            Action::Retry { bound: Some(bound), .. } => format!("try again, {}", self.bound(bound)),
            Action::Retry { bound: None, .. } => "try again".to_string(),
            Action::Show { artifact, .. } => format!("show `{}`, then ask again", self.file(*artifact)),
            Action::Override { .. } => "go on all the same; the override and its risk are documented".to_string(),
            Action::Ask(ask) => self.question(ask),
            Action::Abort => "abort".to_string(),
            Action::Continue => "continue".to_string(),
            Action::Spawn { agent: id, .. } => format!("spawn `{}`", agent(id)),
        }
    }

    /// "ask the person: "Go on?" (**Yes**: continue; **No**: abort)".
    fn question(&self, ask: &Ask<'s>) -> String {
        let mut words = "ask the person".to_string();
        if let Some(question) = &ask.question {
            words.push_str(&format!(": \"{}\"", self.text(question)));
        }
        let option = |option| format!("**{}**: {}", self.option_label(option), self.option_effect(option));
        let options: Vec<String> = ask.options.iter().map(option).collect();
        if !options.is_empty() {
            words.push_str(&format!(" ({})", options.join("; ")));
        }
        words
    }

    /// The file of an artifact.
    pub fn file(&self, artifact: crate::model::ArtifactId) -> String {
        let artifact = &self.sound.model.artifacts[artifact.index()];
        match &artifact.path {
            Some(path) => self.text(path),
            None => format!("{}.md", artifact.name.name),
        }
    }

    /// What closes an item; `arguments` stand for the parameters of the procedure it belongs to.
    pub fn evidence(&self, evidence: &Evidence<'s>, arguments: &[String]) -> String {
        let model = &self.sound.model;
        match evidence {
            Evidence::Agent(agent) => format!("`{}` confirms it", model.agents[agent.index()].name.name),
            Evidence::Artifact(artifact) => format!("the file `{}`", self.file(*artifact)),
            Evidence::Parameter(index) => match arguments.get(*index) {
                Some(file) => format!("the file `{file}`"),
                None => "the file of the phase".to_string(),
            },
            Evidence::File(path) => format!("the file `{}`", self.text(path)),
            Evidence::Run(run) => match &run.matching {
                Some(pattern) => {
                    format!("{} exits with 0 and prints `{}`", code(&self.text(&run.command)), self.text(pattern))
                }
                None => format!("{} exits with 0", code(&self.text(&run.command))),
            },
            Evidence::Answer => "the answer of the person".to_string(),
            Evidence::Measure(condition) => format!("measured: {}", self.written(condition)),
            Evidence::Skill(skill) => format!("skill `{}` loaded", self.skill(skill)),
            Evidence::Checklist(items) => format!("checklist of {}", items.len()),
        }
    }

    pub fn item_title(&self, item: &Item<'s>) -> String {
        match &item.title {
            Some(title) => self.text(title),
            None => crate::model::readable(item.name.name),
        }
    }

    /// `label`, or the name of the option.
    pub fn option_label(&self, option: &Choice<'s>) -> String {
        match &option.label {
            Some(label) => self.text(label),
            None => crate::model::readable(option.name.name),
        }
    }

    /// "— back to Phase 8 …", and when the option is offered.
    pub fn option_effect(&self, option: &Choice<'s>) -> String {
        let effect = match (&option.outcome, option.adds) {
            (Some(outcome), _) => self.outcome(outcome),
            (None, Some(adds)) => format!("{adds} more"),
            (None, None) => "continue".to_string(),
        };
        match &option.when {
            Some(when) => format!("{effect} (offered: {})", self.condition(when)),
            None => effect,
        }
    }

    /// The rows of a table of outcomes.
    pub fn branch(&self, branch: &Branch<'s>) -> (String, String) {
        let case = match (&branch.condition, &branch.reason) {
            (Some(condition), None) => self.written(condition),
            (Some(condition), Some(reason)) => format!("`{}` ({})", reason.name, self.written(condition)),
            (None, Some(reason)) => format!("`{}`", reason.name),
            (None, None) => "anything else".to_string(),
        };
        (case, self.outcome(&branch.outcome))
    }

    /// The files given for the parameters of the procedure that a gate follows.
    pub fn arguments(&self, gate: NodeId) -> Vec<String> {
        let follows = self.sound.model.gate(gate).and_then(|gate| gate.follows.as_ref());
        let given = follows.into_iter().flat_map(|follows| &follows.arguments);
        given
            .map(|(artifact, name)| artifact.map_or_else(|| name.name.to_string(), |artifact| self.file(artifact)))
            .collect()
    }

    /// The gates that follow a procedure.
    pub fn followers(&self, procedure: ProcedureId) -> Vec<NodeId> {
        let model = &self.sound.model;
        let follows = |gate: &NodeId| {
            model
                .gate(*gate)
                .and_then(|gate| gate.follows.as_ref())
                .is_some_and(|follows| follows.procedure == procedure)
        };
        model.nodes_of(crate::model::NodeKind::Gate).filter(follows).collect()
    }

    /// "`a`, `b` and `c`", or nothing.
    pub fn listed(&self, names: impl IntoIterator<Item = String>) -> String {
        joined(&names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>())
    }
}

/// In backticks, also when it holds some; a `|` is for the table to escape.
pub fn code(text: &str) -> String {
    let folded = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let longest = folded.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if folded.starts_with('`') || folded.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{folded}{pad}{fence}")
}
