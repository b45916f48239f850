//! Conditions with their types: every comparison becomes a set of values of one fact.

use super::lower::Lowering;
use super::names::{Expected, Kind, UNKNOWN_NAME, WRONG_KIND};
use super::units::{Quantity, Unit};
use super::{FactId, Named, NodeId, Type, Value};
use crate::codes;
use crate::diagnostic::{Diagnostic, nearest};
use crate::source::Span;
use crate::syntax::ast::{self, Comparison, Expr, Operand, OperandKind};

codes! {
    TYPE_MISMATCH: "WF301" "type-mismatch" Error = "A comparison does not fit the type of the fact.",
        "A fact is compared with a value of its own type: an enum with one of its values, an `int` with a number, a \
         `bool` stands alone. `<` and its relatives are for numbers and for enums declared with `<`.",
        bad: "workflow w\n\nenum Color { red | green }\n\nfact color: Color\n\nphase a {\n  decides color\n}\n\nphase b when color > red\n",
        good: "workflow w\n\nenum Color { red | green }\n\nfact color: Color\n\nphase a {\n  decides color\n}\n\nphase b when color == red\n";
    TEXT_IN_CONDITION: "WF311" "text-in-condition" Error = "A condition depends on a text.",
        "Conditions range over finite domains, so that every question about them can be decided for all values. A text \
         has no finite domain; declare an `enum` with the cases that matter.",
        bad: "workflow w\n\ninput vendor: text\n\nphase a when vendor == \"x\"\n\nphase b\n",
        good: "workflow w\n\nenum Vendor { x | other }\n\ninput vendor: Vendor\n\nphase a when vendor == x\n\nphase b\n";
}

/// A condition with the place where it is written.
#[derive(Debug, Clone)]
pub struct Condition {
    pub span: Span,
    pub cond: Cond,
}

#[derive(Debug, Clone)]
pub enum Cond {
    Any(Vec<Cond>),
    All(Vec<Cond>),
    Not(Box<Cond>),
    Fact(FactAtom),
    Ran(NodeId, Span),
    Skipped(NodeId, Span),
    /// Known only while the workflow runs.
    Measure(MeasureAtom),
    /// Faulty, and reported.
    Fault,
}

impl Cond {
    /// Adds all its comparisons with facts, in order.
    pub fn atoms<'c>(&'c self, found: &mut Vec<&'c FactAtom>) {
        match self {
            Cond::Any(operands) | Cond::All(operands) => operands.iter().for_each(|operand| operand.atoms(found)),
            Cond::Not(inner) => inner.atoms(found),
            Cond::Fact(atom) => found.push(atom),
            _ => {}
        }
    }
}

/// The fact is in one of the ranges: inclusive, ascending, not touching. Values are numbers, 0 or 1, or the index of an
/// enumerator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactAtom {
    pub fact: FactId,
    /// `work_type@triage`: the version of that decider.
    pub at: Option<NodeId>,
    pub ranges: Vec<(i64, i64)>,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub struct MeasureAtom {
    pub measure: Measure,
    pub comparison: Comparison,
    pub quantity: Quantity,
    pub span: Span,
}

/// What only a run can measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    Tasks,
    Tokens,
    Elapsed,
    Cost,
    Context,
    ConsecutiveFailures,
    Failures,
    SummaryTokens,
}

impl Measure {
    const ALL: [(&'static str, Measure); 8] = [
        ("tasks", Measure::Tasks),
        ("tokens", Measure::Tokens),
        ("elapsed", Measure::Elapsed),
        ("cost", Measure::Cost),
        ("context", Measure::Context),
        ("failures(consecutive)", Measure::ConsecutiveFailures),
        ("failures(total)", Measure::Failures),
        ("summary.tokens", Measure::SummaryTokens),
    ];

    pub fn name(self) -> &'static str {
        Measure::ALL.iter().find(|(_, measure)| *measure == self).map_or("", |(name, _)| name)
    }
}

/// What a condition may speak of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Facts, and what ran.
    Flow,
    /// Measures too: `abort when`, `batch when`, `pairs … when`, `by measure`.
    Measures,
}

/// The values a fact may have where a comparison holds, within its domain.
pub fn values_of(comparison: Comparison, value: i64, (low, high): (i64, i64)) -> Vec<(i64, i64)> {
    let ranges = match comparison {
        Comparison::Equal => vec![(value, value)],
        Comparison::NotEqual => vec![(low, value.saturating_sub(1)), (value.saturating_add(1), high)],
        Comparison::Less => vec![(low, value.saturating_sub(1))],
        Comparison::AtMost => vec![(low, value)],
        Comparison::Greater => vec![(value.saturating_add(1), high)],
        Comparison::AtLeast => vec![(value, high)],
    };
    ranges.into_iter().map(|(a, b)| (a.max(low), b.min(high))).filter(|(a, b)| a <= b).collect()
}

/// Sorted, merged ranges of single values.
fn ranges_of(mut values: Vec<i64>) -> Vec<(i64, i64)> {
    values.sort_unstable();
    let mut ranges: Vec<(i64, i64)> = Vec::new();
    for value in values {
        match ranges.last_mut() {
            Some((_, end)) if value <= end.saturating_add(1) => *end = (*end).max(value),
            _ => ranges.push((value, value)),
        }
    }
    ranges
}

impl<'s> Lowering<'_, 's> {
    pub fn condition(&mut self, condition: &ast::Condition, scope: Scope) -> Condition {
        Condition { span: condition.span, cond: self.expr(&condition.expr, scope) }
    }

    fn expr(&mut self, expr: &Expr, scope: Scope) -> Cond {
        match expr {
            Expr::Or(operands) => Cond::Any(operands.iter().map(|operand| self.expr(operand, scope)).collect()),
            Expr::And(operands) => Cond::All(operands.iter().map(|operand| self.expr(operand, scope)).collect()),
            Expr::Not(inner) => Cond::Not(Box::new(self.expr(inner, scope))),
            Expr::Bare(operand) => self.bare(operand, scope),
            Expr::Compare(left, comparison, right) => self.compare(left, *comparison, right, scope),
            Expr::In(left, values, bracket) => self.within(left, values, *bracket),
        }
    }

    /// In an arm of a `revises` a value alone stands for a comparison of the fact with it.
    fn arm_value(&mut self, operand: &Operand) -> Option<Cond> {
        let (fact, of) = self.arm_fact?;
        let shown = self.slice(operand.span);
        let value = match (operand.kind, of) {
            (OperandKind::Path, Type::Enum(id)) => {
                self.model.enums[id.index()].values.iter().position(|(name, _)| name.name == shown)? as i64
            }
            (OperandKind::Path, Type::Bool) if matches!(shown, "true" | "false") => i64::from(shown == "true"),
            (OperandKind::Number, Type::Int(..)) => {
                let name = Operand { span: self.model.facts[fact.index()].name.span, kind: OperandKind::Path };
                self.literal_of(operand, of, &name)?
            }
            _ => return None,
        };
        Some(Cond::Fact(FactAtom { fact, at: None, ranges: vec![(value, value)], span: operand.span }))
    }

    fn bare(&mut self, operand: &Operand, scope: Scope) -> Cond {
        if let Some(cond) = self.arm_value(operand) {
            return cond;
        }
        match operand.kind {
            OperandKind::Call(word, argument) => self.call(operand, word, argument, scope),
            OperandKind::Path => {
                let Some((fact, at)) = self.fact_of(operand, scope) else { return Cond::Fault };
                match self.model.facts[fact.index()].of {
                    Type::Bool => Cond::Fact(FactAtom { fact, at, ranges: vec![(1, 1)], span: operand.span }),
                    Type::Text => self.text_in_condition(fact, operand.span),
                    Type::Unknown => Cond::Fault,
                    Type::Int(..) | Type::Enum(_) => {
                        let name = self.slice(operand.span);
                        let example = self.model.domain(self.model.facts[fact.index()].of).map_or(0, |(low, _)| low);
                        let example = self.model.value_name(self.model.facts[fact.index()].of, example);
                        self.report(
                            Diagnostic::new(
                                &TYPE_MISMATCH,
                                operand.span,
                                format!("`{name}` is neither true nor false"),
                            )
                            .label("a comparison is missing")
                            .help(format!("compare it, as in `{name} == {example}`")),
                        );
                        Cond::Fault
                    }
                }
            }
            OperandKind::Number | OperandKind::Text => {
                let shown = self.slice(operand.span);
                self.report(
                    Diagnostic::new(&TYPE_MISMATCH, operand.span, format!("{shown} alone is no condition"))
                        .label("a comparison is expected")
                        .help("name the fact that is compared with it"),
                );
                Cond::Fault
            }
        }
    }

    fn call(&mut self, operand: &Operand, word: Span, argument: Span, scope: Scope) -> Cond {
        let name = self.slice(word);
        match name {
            "ran" | "skipped" => {
                let argument = self.named(argument);
                match self.node_named(&[Kind::Phase, Kind::Stage, Kind::Gate, Kind::Loop], argument) {
                    Some(node) if name == "ran" => Cond::Ran(node, operand.span),
                    Some(node) => Cond::Skipped(node, operand.span),
                    None => Cond::Fault,
                }
            }
            "failures" if scope == Scope::Measures => {
                self.report(
                    Diagnostic::new(&TYPE_MISMATCH, operand.span, "a measure alone is no condition")
                        .label("a comparison is expected")
                        .help("compare it with a number, as in `failures(consecutive) >= 3`"),
                );
                Cond::Fault
            }
            _ => {
                let near = nearest(name, ["ran", "skipped"]);
                let mut diagnostic = Diagnostic::new(&UNKNOWN_NAME, word, format!("unknown question `{name}(…)`"))
                    .label("`ran(x)` or `skipped(x)` is expected here");
                if let Some(near) = near {
                    diagnostic =
                        diagnostic.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), word, near);
                }
                self.report(diagnostic);
                Cond::Fault
            }
        }
    }

    fn compare(&mut self, left: &Operand, comparison: Comparison, right: &Operand, scope: Scope) -> Cond {
        if scope == Scope::Measures
            && let Some(measure) = self.measure_of(left)
        {
            return self.measure(measure, left, comparison, right);
        }
        // The literal may stand on either side; the side that names a fact is read first.
        let (fact, literal, comparison) = match self.is_fact(left) || !self.is_fact(right) {
            true => (left, right, comparison),
            false => (right, left, mirrored(comparison)),
        };
        let Some((id, at)) = self.fact_of(fact, scope) else { return Cond::Fault };
        let of = self.model.facts[id.index()].of;
        if of == Type::Text {
            return self.text_in_condition(id, fact.span);
        }
        if self.is_fact(literal) && !self.is_value(literal, of) {
            self.fact_of(literal, scope);
            self.report(
                Diagnostic::new(&TYPE_MISMATCH, fact.span.to(literal.span), "two facts cannot be compared")
                    .label("a literal, a limit or a `let` is expected on one side")
                    .help("compare each of them with a value"),
            );
            return Cond::Fault;
        }
        let Some(domain) = self.model.domain(of) else { return Cond::Fault };
        let ordering = !matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        let unordered = match of {
            Type::Enum(id) => !self.model.enums[id.index()].ordered,
            Type::Bool => true,
            _ => false,
        };
        if ordering && unordered {
            let name = self.slice(fact.span);
            let help = match of {
                Type::Enum(id) if self.model.enums[id.index()].of_gate.is_none() => {
                    format!(
                        "compare with `==`, or declare `{}` with `<` between its values",
                        self.model.enums[id.index()].name.name
                    )
                }
                _ => "compare with `==` or `in`".to_string(),
            };
            self.report(
                Diagnostic::new(
                    &TYPE_MISMATCH,
                    fact.span.to(literal.span),
                    format!("the values of `{name}` have no order"),
                )
                .label(format!("`{}` needs one", comparison.symbol()))
                .help(help),
            );
            return Cond::Fault;
        }
        let Some(value) = self.literal_of(literal, of, fact) else { return Cond::Fault };
        Cond::Fact(FactAtom {
            fact: id,
            at,
            ranges: values_of(comparison, value, domain),
            span: fact.span.to(literal.span),
        })
    }

    fn within(&mut self, left: &Operand, values: &[Operand], bracket: Span) -> Cond {
        let Some((fact, at)) = self.fact_of(left, Scope::Flow) else { return Cond::Fault };
        let of = self.model.facts[fact.index()].of;
        if of == Type::Text {
            return self.text_in_condition(fact, left.span);
        }
        let read: Vec<Option<i64>> = values.iter().map(|value| self.literal_of(value, of, left)).collect();
        let Some(read) = read.into_iter().collect::<Option<Vec<i64>>>() else { return Cond::Fault };
        Cond::Fact(FactAtom { fact, at, ranges: ranges_of(read), span: left.span.to(bracket) })
    }

    /// A literal as a value of `of`, the type of the fact it is compared with.
    pub fn literal_of(&mut self, literal: &Operand, of: Type, fact: &Operand) -> Option<i64> {
        let fact_name = self.slice(fact.span);
        let shown = self.slice(literal.span);
        match (literal.kind, of) {
            (OperandKind::Number, Type::Int(low, high)) => {
                let value = self.number(literal.span)?;
                let whole = value.whole().filter(|_| value.unit == Unit::None);
                self.in_domain(whole, low, high, literal.span, fact_name)
            }
            (OperandKind::Path, Type::Enum(id)) => {
                let found = self.model.enums[id.index()].values.iter().position(|(name, _)| name.name == shown);
                if found.is_none() {
                    self.unknown_value(id, literal.span, shown);
                }
                found.map(|index| index as i64)
            }
            (OperandKind::Path, Type::Bool) if matches!(shown, "true" | "false") => Some(i64::from(shown == "true")),
            (OperandKind::Path, Type::Int(low, high)) => {
                let name = Named { name: shown, span: literal.span };
                let value = self.amount_named(name)?;
                self.in_domain(value.whole(), low, high, literal.span, fact_name)
            }
            (_, Type::Unknown) => None,
            _ => {
                let expected = match of {
                    Type::Bool => "`true` or `false`".to_string(),
                    Type::Int(low, high) => format!("a number from {low} to {high}"),
                    Type::Enum(id) => {
                        let names: Vec<&str> =
                            self.model.enums[id.index()].values.iter().map(|(name, _)| name.name).collect();
                        super::names::listed(&names).replacen(" and ", " or ", 1)
                    }
                    Type::Text | Type::Unknown => "a value".to_string(),
                };
                let shown = if shown.starts_with('"') { shown.to_string() } else { format!("`{shown}`") };
                self.report(
                    Diagnostic::new(&TYPE_MISMATCH, literal.span, format!("`{fact_name}` is never {shown}"))
                        .label(format!("{expected} is expected here"))
                        .help(format!("`{fact_name}` is {expected}")),
                );
                None
            }
        }
    }

    fn in_domain(&mut self, value: Option<i64>, low: i64, high: i64, span: Span, fact: &str) -> Option<i64> {
        match value {
            Some(value) if (low..=high).contains(&value) => Some(value),
            _ => {
                self.report(
                    Diagnostic::new(&TYPE_MISMATCH, span, format!("`{fact}` is never `{}`", self.slice(span)))
                        .label(format!("a whole number from {low} to {high} is expected"))
                        .help(format!("`{fact}` is declared `int {low}..{high}`")),
                );
                None
            }
        }
    }

    fn unknown_value(&mut self, id: super::EnumId, span: Span, shown: &str) {
        let item = &self.model.enums[id.index()];
        if self.is_unread(item.name.name) || self.is_unread(shown) {
            return;
        }
        let names: Vec<&str> = item.values.iter().map(|(name, _)| name.name).collect();
        let what = if item.of_gate.is_some() { "an option of gate" } else { "a value of" };
        let mut diagnostic =
            Diagnostic::new(&UNKNOWN_NAME, span, format!("`{shown}` is not {what} `{}`", item.name.name))
                .related(item.name.span, "declared here");
        diagnostic = match nearest(shown, names.iter().copied()) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), span, near),
            None => diagnostic.help(format!("its values are {}", super::names::listed(&names))),
        };
        self.report(diagnostic);
    }

    pub(super) fn text_in_condition(&mut self, fact: FactId, span: Span) -> Cond {
        let fact = &self.model.facts[fact.index()];
        let diagnostic = Diagnostic::new(
            &TEXT_IN_CONDITION,
            span,
            format!("`{}` is a text and cannot decide anything", fact.name.name),
        )
        .label("no condition can depend on it")
        .related(fact.name.span, "declared here")
        .help("declare an `enum` with the cases that matter, and compare with its values");
        self.report(diagnostic);
        Cond::Fault
    }

    /// A name that is a value of this type, whatever else it may name.
    fn is_value(&self, operand: &Operand, of: Type) -> bool {
        let shown = self.slice(operand.span);
        matches!(of, Type::Enum(id) if self.model.enums[id.index()].values.iter().any(|(name, _)| name.name == shown))
    }

    fn is_fact(&self, operand: &Operand) -> bool {
        operand.kind == OperandKind::Path && self.fact_id(self.without_version(operand.span)).is_some()
    }

    /// The name in `fact@decider`.
    pub fn without_version(&self, span: Span) -> Named<'s> {
        let named = self.named(span);
        let name = named.name.split('@').next().unwrap_or(named.name);
        Named { name, span: Span { end: span.start + name.len() as u32, ..span } }
    }

    /// The fact an operand names, marked as read; reports what is none.
    pub fn fact_of(&mut self, operand: &Operand, scope: Scope) -> Option<(FactId, Option<NodeId>)> {
        if let OperandKind::Call(word, _) = operand.kind {
            if self.slice(word) == "failures" {
                if scope == Scope::Measures {
                    self.unknown_measure(operand.span);
                } else {
                    self.report(a_measure(self.slice(operand.span), operand.span));
                }
                return None;
            }
            self.report(
                Diagnostic::new(&TYPE_MISMATCH, operand.span, "this question is true or false by itself")
                    .label("it cannot be compared")
                    .help("use it alone, or with `not`"),
            );
            return None;
        }
        let shown = self.slice(operand.span);
        if operand.kind != OperandKind::Path {
            self.report(
                Diagnostic::new(&TYPE_MISMATCH, operand.span, "a fact is expected here")
                    .label("this is a literal")
                    .help("a comparison has a fact on one side and a literal on the other"),
            );
            return None;
        }
        let (name, at) = shown.split_once('@').unwrap_or((shown, ""));
        if let Some(fact) = self.fact_id(Named { name, span: operand.span }) {
            self.model.facts[fact.index()].read = true;
            if at.is_empty() {
                return Some((fact, None));
            }
            let offset = name.len() as u32 + 1;
            let span = Span { start: operand.span.start + offset, ..operand.span };
            let node = self.node_named(&[Kind::Phase, Kind::Stage], Named { name: at, span })?;
            return Some((fact, Some(node)));
        }
        let named = Named { name: shown, span: operand.span };
        if self.names.get(Kind::Value, named).is_some() {
            self.model.suspects.insert(shown);
            self.report(
                Diagnostic::new(&WRONG_KIND, operand.span, format!("`{shown}` is a constant, not a fact"))
                    .label("nothing can depend on it")
                    .help("compare a fact with it"),
            );
        } else if self.measure_of(operand).is_some() && scope == Scope::Flow {
            self.report(a_measure(shown, operand.span));
        } else if let Some((_, Type::Enum(id))) = self.arm_fact
            && shown.starts_with(|c: char| c.is_ascii_uppercase())
        {
            // In an arm a name alone is a value of the revised fact.
            self.unknown_value(id, operand.span, shown);
        } else if scope == Scope::Measures && nearest(shown, Measure::ALL.map(|(name, _)| name)).is_some() {
            self.unknown_measure(operand.span);
        } else if matches!(shown, "true" | "false") {
            self.report(
                Diagnostic::new(&TYPE_MISMATCH, operand.span, format!("`{shown}` alone is no condition"))
                    .label("nothing depends on it")
                    .help("name a fact, or leave the condition out"),
            );
        } else {
            self.unknown_as(&[Kind::Value], named, Some(Expected::Fact));
        }
        None
    }

    fn unknown_measure(&mut self, span: Span) {
        let shown: String = self.slice(span).split_whitespace().collect();
        let known = Measure::ALL.map(|(name, _)| name);
        let mut diagnostic = Diagnostic::new(&UNKNOWN_NAME, span, format!("unknown measure `{shown}`"))
            .label("a measure is expected here");
        diagnostic = match nearest(&shown, known) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), span, near),
            None => diagnostic.help(format!("measures are {}", super::names::listed(&known))),
        };
        self.report(diagnostic);
    }

    fn measure_of(&self, operand: &Operand) -> Option<Measure> {
        let shown: String = self.slice(operand.span).split_whitespace().collect();
        Measure::ALL.iter().find(|(name, _)| *name == shown).map(|(_, measure)| *measure)
    }

    fn measure(&mut self, measure: Measure, left: &Operand, comparison: Comparison, right: &Operand) -> Cond {
        let span = left.span.to(right.span);
        let quantity = match right.kind {
            OperandKind::Number => self.number(right.span),
            OperandKind::Path => self.amount_named(self.named(right.span)),
            _ => {
                self.report(
                    Diagnostic::new(&TYPE_MISMATCH, right.span, format!("`{}` is a number", measure.name()))
                        .label("a number is expected"),
                );
                None
            }
        };
        let Some(quantity) = quantity else { return Cond::Fault };
        let expected: &[Unit] = match measure {
            Measure::Elapsed => &[Unit::Time],
            Measure::Context => &[Unit::Percent],
            _ => &[Unit::None],
        };
        if !expected.contains(&quantity.unit) {
            let help = match measure {
                Measure::Elapsed => "a time has a unit: `30m`, `2h`",
                Measure::Context => "a share of the context is written in per cent: `85%`",
                _ => "write a plain number",
            };
            self.report(
                Diagnostic::new(&TYPE_MISMATCH, right.span, format!("the unit does not fit `{}`", measure.name()))
                    .label("another unit is expected")
                    .help(help),
            );
            return Cond::Fault;
        }
        Cond::Measure(MeasureAtom { measure, comparison, quantity, span })
    }

    /// The value of a `let` or limit; `None`, and reported, when it is not a number.
    pub fn amount_named(&mut self, name: Named<'s>) -> Option<Quantity> {
        let Some(declared) = self.names.get(Kind::Value, name) else {
            self.unknown_as(&[Kind::Value], name, Some(Expected::Number));
            return None;
        };
        let index = declared.index;
        match self.values[index] {
            super::lower::ValueId::Let(id) => {
                self.model.lets[id.index()].used = true;
                if let Value::Number(quantity) = self.model.lets[id.index()].value {
                    return Some(quantity);
                }
            }
            super::lower::ValueId::Limit(id) => {
                self.model.limits[id.index()].used = true;
                let value = self.model.limits[id.index()].value;
                if value.is_none()
                    && self.model.limits[id.index()].key.is_some()
                    && self.model.registry.limits.is_none()
                {
                    self.report(
                        Diagnostic::new(
                            &super::lower::UNBOUNDED_LOOP,
                            name.span,
                            format!("limit `{}` has no number", name.name),
                        )
                        .label("bounds nothing")
                        .related(declared.span, "only a key of a registry, and there is none")
                        .help("write `else N` behind the key"),
                    );
                }
                return value.map(Quantity::of);
            }
            super::lower::ValueId::Fact(_) => {}
        }
        self.report(
            Diagnostic::new(&TYPE_MISMATCH, name.span, format!("`{}` is not a number", name.name))
                .label("a number, a limit or a `let` of a number is expected")
                .related(declared.span, "declared here"),
        );
        None
    }
}

fn mirrored(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Less => Comparison::Greater,
        Comparison::AtMost => Comparison::AtLeast,
        Comparison::Greater => Comparison::Less,
        Comparison::AtLeast => Comparison::AtMost,
        same => same,
    }
}

fn a_measure(shown: &str, span: Span) -> Diagnostic {
    Diagnostic::new(&WRONG_KIND, span, format!("`{shown}` is a measure, not a fact"))
        .label("known only while the workflow runs")
        .help(
            "measures stand in `abort`, `batch when`, `pairs … when` and `by measure`; \
             declare a fact for what decides what runs",
        )
}
