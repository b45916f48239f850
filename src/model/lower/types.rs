//! Types and defaults of facts, before any condition is read.

use super::*;

impl<'s> Lowering<'_, 's> {
    /// Types and defaults, before any condition is read.
    pub(super) fn resolve_types(&mut self, items: &[Statement]) {
        // The answers of gates stand among the declared facts.
        let declared = |fact: &super::Fact<'_>| !matches!(fact.kind, FactKind::Answer(_));
        let mut declared: std::collections::VecDeque<usize> =
            (0..self.model.facts.len()).filter(|index| declared(&self.model.facts[*index])).collect();
        for item in items {
            let ast::Kind::Fact(fact) = &item.kind else { continue };
            let of = self.type_of(fact.of);
            for entry in &fact.names {
                let Some(index) = declared.pop_front() else { return };
                self.model.facts[index].of = of;
                if of == super::Type::Text && !fact.is_input {
                    self.report(
                        Diagnostic::new(&condition::TYPE_MISMATCH, entry.span, "a fact cannot be a text")
                            .label("only inputs can")
                            .help("declare an `enum`, an `int` or a `bool`, or make it an `input`"),
                    );
                }
                if let Some(literal) = fact.default {
                    self.default(index, literal, entry.span);
                }
            }
        }
    }

    fn default(&mut self, index: usize, literal: ast::Literal, name: Span) {
        let of = self.model.facts[index].of;
        let value = self.value(literal);
        let fits = match (&value, of) {
            (Some(Value::Text(_)), super::Type::Text) | (_, super::Type::Unknown) => true,
            (Some(Value::Text(_)), _) | (_, super::Type::Text) | (None, _) => false,
            (Some(_), _) => {
                let kind = if matches!(literal, ast::Literal::Number(_)) {
                    ast::OperandKind::Number
                } else {
                    ast::OperandKind::Path
                };
                let literal = ast::Operand { span: literal.span(), kind };
                let fact = ast::Operand { span: name, kind: ast::OperandKind::Path };
                self.literal_of(&literal, of, &fact);
                true
            }
        };
        if !fits && value.is_some() {
            self.report(
                Diagnostic::new(&condition::TYPE_MISMATCH, literal.span(), "the default does not fit the type")
                    .label("a value of the declared type is expected")
                    .related(name, "of this input"),
            );
        }
        if let FactKind::Input { default } = &mut self.model.facts[index].kind {
            *default = value;
        }
    }

    fn type_of(&mut self, of: ast::Type) -> super::Type {
        match of {
            ast::Type::Open => super::Type::Text,
            ast::Type::Int(low, high) => {
                let (Some(a), Some(b)) = (self.whole(low), self.whole(high)) else { return super::Type::Unknown };
                if a > b {
                    self.report(
                        Diagnostic::new(&BAD_NUMBER, low.to(high), format!("`{a}..{b}` holds no number"))
                            .label("the first is the smaller one"),
                    );
                    return super::Type::Unknown;
                }
                super::Type::Int(a, b)
            }
            ast::Type::Named(span) => match self.slice(span) {
                "bool" => super::Type::Bool,
                "text" => super::Type::Text,
                _ => {
                    let name = self.named(span);
                    match self.names.get(Kind::Enum, name) {
                        Some(declared) => super::Type::Enum(EnumId::new(declared.index)),
                        None => {
                            self.unknown_type(name);
                            super::Type::Unknown
                        }
                    }
                }
            },
        }
    }

    fn unknown_type(&mut self, name: Named<'s>) {
        if self.is_unread(name.name) {
            return;
        }
        let known: Vec<&str> =
            ["bool", "text", "int"].into_iter().chain(self.names.of_kind(Kind::Enum, name.span.file)).collect();
        let mut diagnostic =
            Diagnostic::new(&super::names::UNKNOWN_NAME, name.span, format!("unknown type `{}`", name.name))
                .label("`bool`, `text`, `int A..B` or an enum is expected here");
        let familiar = match name.name {
            "boolean" | "Boolean" | "flag" => Some("bool"),
            "string" | "String" | "str" => Some("text"),
            _ => None,
        };
        diagnostic = match familiar.or_else(|| crate::diagnostic::nearest(name.name, known)) {
            Some(near) => {
                diagnostic.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), name.span, near)
            }
            None => diagnostic.help(format!("declare it: `enum {} {{ … }}`", name.name)),
        };
        self.report(diagnostic);
    }
}
