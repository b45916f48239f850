//! pest's pairs to [`ast`]: one function per shape of statement, no judgement.

use smallvec::SmallVec;
use thin_vec::{ThinVec, thin_vec};

use super::Rule;
use super::ast::*;
use super::cursor::{Cursor, Found};
use crate::source::Span;

const TEXTS: &[Rule] = &[Rule::line, Rule::block3, Rule::block4, Rule::block5];

/// All statements of a run of items, appended to `items`.
pub fn statements(mut cursor: Cursor<'_>, items: &mut ThinVec<Statement>) {
    while let Some(found) = cursor.next() {
        if found.rule() != Rule::EOI {
            items.push(statement(found));
        }
    }
}

fn body(cursor: &mut Cursor<'_>) -> ThinVec<Statement> {
    let Some(found) = cursor.take(&[Rule::body]) else { return ThinVec::new() };
    let inside = found.inside();
    let mut items = ThinVec::with_capacity(inside.len());
    statements(inside, &mut items);
    items
}

fn statement(found: Found<'_>) -> Statement {
    let span = found.span();
    let rule = found.rule();
    let mut at = found.inside();
    let kind = match rule {
        Rule::phase => node(NodeKind::Phase, &mut at),
        Rule::stage => node(NodeKind::Stage, &mut at),
        Rule::gate => node(NodeKind::Gate, &mut at),
        Rule::loop_item => node(NodeKind::Loop, &mut at),
        Rule::parallel => node(NodeKind::Parallel, &mut at),
        Rule::each => node(NodeKind::Each, &mut at),
        Rule::spawn => node(NodeKind::Spawn, &mut at),
        Rule::require_item => item(false, &mut at),
        Rule::step => item(true, &mut at),
        Rule::require => Kind::Require(boxed(at.expect())),
        Rule::until => Kind::Until(boxed(at.expect())),
        Rule::batch => Kind::Batch(boxed(at.expect().inside().expect())),
        Rule::purpose => text_statement(TextWord::Purpose, &mut at),
        Rule::prompt => text_statement(TextWord::Prompt, &mut at),
        Rule::text_block => text_statement(TextWord::Text, &mut at),
        Rule::description => text_statement(TextWord::Description, &mut at),
        Rule::command => text_statement(TextWord::Command, &mut at),
        Rule::output => text_statement(TextWord::Output, &mut at),
        Rule::location => text_statement(TextWord::Path, &mut at),
        Rule::reads => list_statement(ListWord::Reads, &mut at),
        Rule::skills => list_statement(ListWord::Skills, &mut at),
        Rule::tools => list_statement(ListWord::Tools, &mut at),
        Rule::writes => list_statement(ListWord::Writes, &mut at),
        Rule::returns => list_statement(ListWord::Returns, &mut at),
        Rule::checklist => list_statement(ListWord::Checklist, &mut at),
        Rule::keep => list_statement(ListWord::Keep, &mut at),
        Rule::keep_unchanged => list_statement(ListWord::KeepUnchanged, &mut at),
        Rule::sections => list_statement(ListWord::Sections, &mut at),
        Rule::related => list_statement(ListWord::Related, &mut at),
        Rule::produces => Kind::Produces(produces(at)),
        Rule::on => on(&mut at),
        Rule::ask => Kind::Ask(Box::new(ask(at))),
        Rule::override_by => Kind::Override(at.next().map(|text| text.span())),
        Rule::budget => Kind::Budget(budget(at)),
        Rule::decides => decides(&mut at),
        Rule::revises => revises(&mut at),
        Rule::requires => requires(&mut at),
        Rule::enum_item => enumeration(&mut at),
        Rule::input => fact(true, &mut at),
        Rule::fact => fact(false, &mut at),
        Rule::let_item => Kind::Let(Box::new(Let { name: at.expect().span(), value: literal(at.expect()) })),
        Rule::limit => limit(&mut at),
        Rule::skip => Kind::Skip(Box::new(Skip { phases: list(at.expect()), modifiers: modifiers(&mut at) })),
        Rule::agent => agent(&mut at),
        Rule::model => Kind::Model(at.expect().span()),
        Rule::skill => skill(&mut at),
        Rule::pairs => pairs(&mut at),
        Rule::procedure => procedure(&mut at),
        Rule::counter => Kind::Counter(Box::new(Counter { claim: at.expect().span(), answer: at.expect().span() })),
        Rule::context => context(&mut at),
        Rule::escalation => Kind::Escalation(options(at.expect())),
        Rule::abort => Kind::Abort(body(&mut at)),
        Rule::trigger => {
            Kind::Trigger(Box::new(Trigger { condition: condition(at.expect()), text: at.expect().span() }))
        }
        Rule::route => Kind::Route(Box::new(Route { pattern: at.expect().span(), branches: branches(at.expect()) })),
        Rule::score => score(&mut at),
        Rule::use_item => use_item(&mut at),
        Rule::workflow => workflow(&mut at),
        Rule::insert => Kind::Insert(Box::new(statement(at.expect()))),
        Rule::drop_item => drop_item(&mut at),
        Rule::test => Kind::Test(Box::new(Test { name: at.expect().span(), body: body(&mut at) })),
        Rule::given => given(at),
        Rule::expect => expectation(at.expect()),
        Rule::always => property(false, &mut at),
        Rule::never => property(true, &mut at),
        Rule::document => document(&mut at),
        Rule::section => section(&mut at),
        other => unreachable!("`statement` of the grammar has no alternative {other:?}"),
    };
    Statement { span, kind }
}

fn node(kind: NodeKind, at: &mut Cursor<'_>) -> Kind {
    let name = at.take(&[Rule::name, Rule::qualified]).map(|name| name.span());
    let from = at.take(&[Rule::entry]).map(entry);
    let title = at.take(TEXTS).map(|title| title.span());
    let modifiers = modifiers(at);
    Kind::Node(Box::new(Node { kind, name, title, from, modifiers, body: body(at) }))
}

fn item(is_step: bool, at: &mut Cursor<'_>) -> Kind {
    let name = at.expect().span();
    let title = at.take(TEXTS).map(|text| text.span());
    let meaning = at.take(TEXTS).map(|text| text.span());
    Kind::Item(Box::new(Item { is_step, name, title, meaning, modifiers: modifiers(at) }))
}

fn modifiers(at: &mut Cursor<'_>) -> ThinVec<Modifier> {
    let mut found: SmallVec<[Modifier; 4]> = SmallVec::new();
    while let Some(rule) = at.peek() {
        let kind: fn(Cursor<'_>) -> ModifierKind = match rule {
            Rule::once => |_| ModifierKind::Once,
            Rule::required => |_| ModifierKind::Required,
            Rule::irreversible => |_| ModifierKind::Irreversible,
            Rule::after => |mut at| ModifierKind::After(list(at.expect())),
            Rule::before => |mut at| ModifierKind::Before(list(at.expect())),
            Rule::when => |mut at| ModifierKind::When(boxed(at.expect())),
            Rule::because => |mut at| ModifierKind::Because(at.expect().span()),
            Rule::by => |mut at| ModifierKind::By(Box::new(evidence(at.expect()))),
            Rule::follows => |mut at| {
                let procedure = at.expect().span();
                let mut arguments = ThinVec::new();
                while let Some(argument) = at.next() {
                    arguments.push(argument.span());
                }
                ModifierKind::Follows(procedure, arguments)
            },
            Rule::at_most => |mut at| ModifierKind::AtMost(amount(at.expect())),
            Rule::follow_on => |_| ModifierKind::ElseOnce,
            _ => break,
        };
        let modifier = at.expect();
        found.push(Modifier { span: modifier.span(), kind: kind(modifier.inside()) });
    }
    found.into_iter().collect()
}

fn evidence(found: Found<'_>) -> Evidence {
    let rule = found.rule();
    let mut at = found.inside();
    match rule {
        Rule::agent_by => Evidence::Agent(at.expect().span()),
        Rule::file_by => Evidence::File(at.expect().span()),
        Rule::run_by => Evidence::Run(run(&mut at)),
        Rule::answer_by => Evidence::Answer,
        Rule::measure_by => Evidence::Measure(boxed(at.expect())),
        Rule::skill_by => Evidence::Skill(at.expect().span()),
        _ => Evidence::Checklist(list(at.expect())),
    }
}

fn run(at: &mut Cursor<'_>) -> Run {
    Run { command: at.expect().span(), matching: at.next().map(|text| text.span()) }
}

fn text_statement(word: TextWord, at: &mut Cursor<'_>) -> Kind {
    let when = when(at);
    Kind::Text(Box::new(TextStatement { word, when, text: at.expect().span() }))
}

fn list_statement(word: ListWord, at: &mut Cursor<'_>) -> Kind {
    Kind::List(word, list(at.expect()))
}

fn list(found: Found<'_>) -> ThinVec<Entry> {
    let mut at = found.inside();
    let mut entries = ThinVec::with_capacity(at.len());
    while let Some(found) = at.next() {
        entries.push(entry(found));
    }
    entries
}

fn entry(found: Found<'_>) -> Entry {
    let mut at = found.inside();
    let what = at.expect();
    Entry { span: what.span(), is_text: what.rule() != Rule::path, optional: at.next().is_some() }
}

fn amount(found: Found<'_>) -> Amount {
    Amount { span: found.span(), is_number: found.rule() == Rule::number }
}

fn literal(found: Found<'_>) -> Literal {
    match found.rule() {
        Rule::number => Literal::Number(found.span()),
        Rule::path => Literal::Name(found.span()),
        _ => Literal::Text(found.span()),
    }
}

fn when(at: &mut Cursor<'_>) -> Option<Box<Condition>> {
    at.take(&[Rule::when]).map(|found| boxed(found.inside().expect()))
}

fn boxed(found: Found<'_>) -> Box<Condition> {
    Box::new(condition(found))
}

/// The grammar is flat; `or` binds least, then `and`, then `not`. Pairs of `not` cancel.
pub fn condition(found: Found<'_>) -> Condition {
    let span = found.span();
    let mut at = found.inside();
    let mut alternatives = ThinVec::new();
    let mut operands = thin_vec![operand(&mut at)];
    while let Some(junction) = at.take(&[Rule::junction]) {
        if junction.text() == "or" {
            alternatives.push(joined(std::mem::take(&mut operands), Expr::And));
        }
        operands.push(operand(&mut at));
    }
    alternatives.push(joined(operands, Expr::And));
    let alternatives = flattened(alternatives, |expr| match expr {
        Expr::Or(inner) => Ok(inner),
        other => Err(other),
    });
    Condition { span, expr: joined(alternatives, Expr::Or) }
}

fn joined(mut operands: ThinVec<Expr>, join: fn(ThinVec<Expr>) -> Expr) -> Expr {
    if operands.len() == 1 {
        return operands.swap_remove(0);
    }
    // `and` of an `and` in parentheses is one `and`; the same for `or`.
    join(flattened(operands, |expr| match (join(ThinVec::new()), expr) {
        (Expr::And(_), Expr::And(inner)) | (Expr::Or(_), Expr::Or(inner)) => Ok(inner),
        (_, other) => Err(other),
    }))
}

fn flattened(operands: ThinVec<Expr>, unwrap: impl Fn(Expr) -> Result<ThinVec<Expr>, Expr>) -> ThinVec<Expr> {
    if operands.len() == 1 {
        return operands;
    }
    let mut flat = ThinVec::with_capacity(operands.len());
    for operand in operands {
        match unwrap(operand) {
            Ok(inner) => flat.extend(inner),
            Err(other) => flat.push(other),
        }
    }
    flat
}

fn operand(at: &mut Cursor<'_>) -> Expr {
    let mut negated = false;
    while at.take(&[Rule::not]).is_some() {
        negated = !negated;
    }
    let found = at.expect();
    let expr = match found.rule() {
        Rule::group => condition(found.inside().expect()).expr,
        _ => comparison(found.inside()),
    };
    match expr {
        Expr::Not(inner) if negated => *inner,
        expr if negated => Expr::Not(Box::new(expr)),
        expr => expr,
    }
}

fn comparison(mut at: Cursor<'_>) -> Expr {
    let left = value(at.expect());
    let Some(found) = at.next() else { return Expr::Bare(left) };
    if found.rule() == Rule::operator {
        return Expr::Compare(left, operator(&found), value(at.expect()));
    }
    let set = at.expect();
    let bracket = Span { start: set.span().end - 1, ..set.span() };
    let mut set = set.inside();
    let mut values = ThinVec::new();
    while let Some(found) = set.next() {
        values.push(value(found));
    }
    Expr::In(left, values, bracket)
}

fn operator(found: &Found<'_>) -> Comparison {
    match found.text() {
        "==" => Comparison::Equal,
        "!=" => Comparison::NotEqual,
        "<" => Comparison::Less,
        "<=" => Comparison::AtMost,
        ">" => Comparison::Greater,
        _ => Comparison::AtLeast,
    }
}

fn value(found: Found<'_>) -> Operand {
    let span = found.span();
    let kind = match found.rule() {
        Rule::path => OperandKind::Path,
        Rule::number => OperandKind::Number,
        Rule::call => {
            let mut at = found.inside();
            OperandKind::Call(at.expect().span(), at.expect().span())
        }
        _ => OperandKind::Text,
    };
    Operand { span, kind }
}

fn outcome(found: Found<'_>) -> Outcome {
    let span = found.span();
    let mut at = found.inside();
    let mut actions = ThinVec::with_capacity(at.len());
    while let Some(found) = at.next() {
        actions.push(action(found));
    }
    Outcome { span, actions }
}

fn action(found: Found<'_>) -> Action {
    let span = found.span();
    let rule = found.rule();
    let mut at = found.inside();
    let bound = |at: &mut Cursor<'_>| amount(at.expect().inside().expect());
    let kind = match rule {
        Rule::redo => {
            let target = at.take(&[Rule::name]).map(|name| name.span());
            ActionKind::Redo(target, bound(&mut at))
        }
        Rule::fix => ActionKind::Fix(at.expect().span(), bound(&mut at)),
        Rule::retry => ActionKind::Retry(at.next().map(|found| amount(found.inside().expect()))),
        Rule::show => ActionKind::Show(at.expect().span()),
        Rule::overrule => ActionKind::Override,
        Rule::ask => ActionKind::Ask(ask(at)),
        Rule::stop => ActionKind::Abort,
        Rule::proceed => ActionKind::Continue,
        _ => ActionKind::Spawn(at.expect().span()),
    };
    Action { span, kind }
}

fn ask(mut at: Cursor<'_>) -> Ask {
    Ask {
        question: at.take(TEXTS).map(|text| text.span()),
        options: at.take(&[Rule::options]).map(options).unwrap_or_default(),
    }
}

fn options(found: Found<'_>) -> ThinVec<Choice> {
    let mut at = found.inside();
    let mut choices = ThinVec::with_capacity(at.len());
    while let Some(found) = at.next() {
        let span = found.span();
        let mut at = found.inside();
        choices.push(Choice {
            span,
            name: at.expect().span(),
            label: at.take(TEXTS).map(|text| text.span()),
            when: when(&mut at),
            adds: at.take(&[Rule::adds]).map(|found| found.inside().expect().span()),
            outcome: at.next().map(outcome),
        });
    }
    choices
}

fn branches(found: Found<'_>) -> ThinVec<Branch> {
    let mut at = found.inside();
    let mut branches = ThinVec::with_capacity(at.len());
    while let Some(found) = at.next() {
        let span = found.span();
        let mut at = found.inside();
        let head = at.expect();
        let condition = (head.rule() == Rule::condition).then(|| boxed(head));
        let when = when(&mut at);
        branches.push(Branch { span, condition, when, outcome: outcome(at.expect()) });
    }
    branches
}

fn on(at: &mut Cursor<'_>) -> Kind {
    let event = at.expect().span();
    let found = at.expect();
    let braces = found.rule() == Rule::branches;
    let branches = if braces {
        branches(found)
    } else {
        thin_vec![Branch { span: found.span(), condition: None, when: None, outcome: outcome(found) }]
    };
    Kind::On(Box::new(On { event, braces, branches }))
}

fn produces(mut at: Cursor<'_>) -> ThinVec<Produced> {
    let mut all = ThinVec::with_capacity(at.len());
    while let Some(found) = at.next() {
        let span = found.span();
        let mut at = found.inside();
        let what = at.expect();
        all.push(Produced {
            span,
            what: what.span(),
            is_text: what.rule() != Rule::name,
            stored_as: at.take(&[Rule::stored_as]).map(|found| found.inside().expect().span()),
            body: body(&mut at),
        });
    }
    all
}

fn budget(mut at: Cursor<'_>) -> ThinVec<Allowance> {
    let mut all = ThinVec::new();
    while let Some(found) = at.next() {
        let mut at = found.inside();
        all.push(Allowance { word: at.expect().span(), amount: amount(at.expect()) });
    }
    all
}

fn decides(at: &mut Cursor<'_>) -> Kind {
    Kind::Decides(Box::new(Decides {
        facts: list(at.expect()),
        confirmed: at.take(&[Rule::confirmed]).is_some(),
        from: at.next().map(|found| run(&mut found.inside())),
    }))
}

fn revises(at: &mut Cursor<'_>) -> Kind {
    let fact = at.expect().span();
    let found = at.expect();
    let arms = (found.rule() == Rule::arms).then(|| {
        let mut at = found.inside();
        let mut arms = ThinVec::new();
        while let Some(found) = at.next() {
            let mut at = found.inside();
            arms.push((condition(at.expect()), value(at.expect())));
        }
        arms
    });
    Kind::Revises(Box::new(Revises { fact, arms }))
}

fn requires(at: &mut Cursor<'_>) -> Kind {
    let is_skill = at.expect().text() == "skill";
    Kind::Requires(Box::new(Requires { is_skill, what: list(at.expect()), text: at.next().map(|text| text.span()) }))
}

fn enumeration(at: &mut Cursor<'_>) -> Kind {
    let name = at.expect().span();
    let mut values = ThinVec::new();
    let mut first: Option<&str> = None;
    let mut mixed = None;
    while let Some(found) = at.next() {
        if found.rule() == Rule::separator {
            if *first.get_or_insert(found.text()) != found.text() {
                mixed.get_or_insert(found.span());
            }
            continue;
        }
        let mut at = found.inside();
        values.push((at.expect().span(), at.next().map(|text| text.span())));
    }
    Kind::Enum(Box::new(Enum { name, ordered: first == Some("<"), mixed, values }))
}

fn fact(is_input: bool, at: &mut Cursor<'_>) -> Kind {
    let names = list(at.expect());
    let of = match at.next() {
        None => Type::Open,
        Some(found) if found.rule() == Rule::int_type => {
            let mut at = found.inside();
            Type::Int(at.expect().span(), at.expect().span())
        }
        Some(found) => Type::Named(found.span()),
    };
    Kind::Fact(Box::new(Fact { is_input, names, of, default: at.next().map(literal) }))
}

fn limit(at: &mut Cursor<'_>) -> Kind {
    Kind::Limit(Box::new(Limit {
        name: at.expect().span(),
        value: amount(at.expect()),
        fallback: at.next().map(|number| number.span()),
    }))
}

fn agent(at: &mut Cursor<'_>) -> Kind {
    let name = at.expect();
    Kind::Agent(Box::new(Agent {
        name: (name.rule() == Rule::name).then(|| name.span()),
        fills: at.take(&[Rule::fills]).map(|found| list(found.inside().expect())).unwrap_or_default(),
        description: at.take(TEXTS).map(|text| text.span()),
        body: body(at),
    }))
}

fn skill(at: &mut Cursor<'_>) -> Kind {
    Kind::Skill(Box::new(Skill {
        name: at.expect().span(),
        purpose: at.take(TEXTS).map(|text| text.span()),
        body: body(at),
    }))
}

fn pairs(at: &mut Cursor<'_>) -> Kind {
    Kind::Pairs(Box::new(Pairs {
        skill: at.expect().span(),
        purpose: at.take(TEXTS).map(|text| text.span()),
        when: when(at),
    }))
}

fn procedure(at: &mut Cursor<'_>) -> Kind {
    let name = at.expect().span();
    let mut parameters = ThinVec::new();
    if let Some(found) = at.take(&[Rule::parameters]) {
        let mut at = found.inside();
        while let Some(found) = at.next() {
            parameters.push(found.span());
        }
    }
    let title = at.take(TEXTS).map(|text| text.span());
    Kind::Procedure(Box::new(Procedure { name, parameters, title, body: body(at) }))
}

fn context(at: &mut Cursor<'_>) -> Kind {
    let window = at.expect().span();
    let mut rungs = ThinVec::new();
    while let Some(found) = at.next() {
        let mut at = found.inside();
        rungs.push(Rung {
            word: at.expect().span(),
            share: at.expect().span(),
            procedure: at.next().map(|name| name.span()),
        });
    }
    Kind::Context(Box::new(Context { window, rungs }))
}

fn score(at: &mut Cursor<'_>) -> Kind {
    let fact = at.expect().span();
    let mut score = Score { fact, factors: ThinVec::new(), bands: ThinVec::new() };
    while let Some(found) = at.next() {
        let span = found.span();
        let is_factor = found.rule() == Rule::factor;
        let mut at = found.inside();
        let name = at.expect().span();
        if !is_factor {
            let from = at.expect().span();
            score.bands.push(Band { span, value: name, from, text: at.next().map(|text| text.span()) });
            continue;
        }
        let title = at.take(TEXTS).map(|text| text.span());
        let weight = at.take(&[Rule::number]).map(|number| number.span());
        let mut points = ThinVec::new();
        while let Some(found) = at.next() {
            let mut at = found.inside();
            points.push((at.expect().span(), at.expect().span()));
        }
        score.factors.push(Factor { span, name, title, weight, points });
    }
    Kind::Score(Box::new(score))
}

fn use_item(at: &mut Cursor<'_>) -> Kind {
    let first = at.expect();
    Kind::Use(Box::new(if first.rule() == Rule::name {
        Use::Registry { of: first.span(), from: list(at.expect()) }
    } else {
        Use::File { path: first.span(), alias: at.next().map(|name| name.span()) }
    }))
}

fn workflow(at: &mut Cursor<'_>) -> Kind {
    Kind::Workflow(Box::new(Workflow {
        name: at.expect().span(),
        title: at.take(TEXTS).map(|text| text.span()),
        extends: at.next().map(|found| found.inside().expect().span()),
    }))
}

fn drop_item(at: &mut Cursor<'_>) -> Kind {
    Kind::Drop(Box::new(Drop {
        word: at.expect().span(),
        what: list(at.expect()),
        because: at.next().map(|found| found.inside().expect().span()),
    }))
}

fn given(mut at: Cursor<'_>) -> Kind {
    let mut bindings = ThinVec::new();
    while let Some(found) = at.next() {
        let mut at = found.inside();
        bindings.push((at.expect().span(), value(at.expect())));
    }
    Kind::Given(bindings)
}

fn expectation(found: Found<'_>) -> Kind {
    let rule = found.rule();
    let mut at = found.inside();
    Kind::Expect(Box::new(match rule {
        Rule::skips => Expect::Skips { exactly: at.take(&[Rule::exactly]).is_some(), phases: list(at.expect()) },
        Rule::runs => Expect::Runs(list(at.expect())),
        Rule::count => {
            let what = at.expect().span();
            let comparison = operator(&at.expect());
            Expect::Count { what, comparison, number: at.expect().span() }
        }
        Rule::leads => Expect::Leads { gate: at.expect().span(), to: way(at.expect()) },
        _ => Expect::Before(precedes(at)),
    }))
}

fn way(found: Found<'_>) -> Way {
    let rule = found.rule();
    let mut at = found.inside();
    match rule {
        Rule::redone => Way::Redo(at.expect().span()),
        Rule::fixed => Way::Fix(at.expect().span()),
        Rule::show => Way::Show(at.expect().span()),
        Rule::asked => Way::Ask,
        Rule::retried => Way::Retry,
        Rule::overrule => Way::Override,
        Rule::stop => Way::Abort,
        _ => Way::Continue,
    }
}

fn precedes(mut at: Cursor<'_>) -> Precedes {
    Precedes { first: place(at.expect()), second: place(at.expect()) }
}

fn place(found: Found<'_>) -> Place {
    let span = found.span();
    let mut at = found.inside();
    let kind = match at.take(&[Rule::spawned, Rule::stepped]).map(|word| word.rule()) {
        Some(Rule::spawned) => PlaceKind::Spawns,
        Some(_) => PlaceKind::Step,
        None => PlaceKind::Item,
    };
    Place { span, kind, name: at.expect().span() }
}

fn property(never: bool, at: &mut Cursor<'_>) -> Kind {
    let precedes = precedes(at.expect().inside());
    Kind::Property(Box::new(Property { never, precedes, when: when(at) }))
}

fn document(at: &mut Cursor<'_>) -> Kind {
    Kind::Document(Box::new(Document {
        name: at.expect().span(),
        title: at.take(TEXTS).map(|text| text.span()),
        body: body(at),
    }))
}

fn section(at: &mut Cursor<'_>) -> Kind {
    let title = at.expect().span();
    let position = at.take(&[Rule::position]).map(|found| {
        let mut at = found.inside();
        (at.expect().text() == "before", at.expect().span())
    });
    Kind::Section(Box::new(Section { title, position, text: at.expect().span() }))
}
