//! Templates: ours built in, the user's in their place. Strict: a name that is not there is an error.

use std::sync::LazyLock;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;

/// The built-in templates by the name under which a file in `templates/` replaces them.
const BUILT_IN: &[(&str, &str)] = &[
    ("SKILL.md", include_str!("../templates/SKILL.md")),
    ("phase.md", include_str!("../templates/phase.md")),
    ("gates.md", include_str!("../templates/gates.md")),
    ("checkpoints.md", include_str!("../templates/checkpoints.md")),
    ("procedure.md", include_str!("../templates/procedure.md")),
    ("agent-matrix.md", include_str!("../templates/agent-matrix.md")),
    ("error-recovery.md", include_str!("../templates/error-recovery.md")),
    ("limits.md", include_str!("../templates/limits.md")),
    ("rationalizations.md", include_str!("../templates/rationalizations.md")),
    ("exit-criteria.md", include_str!("../templates/exit-criteria.md")),
    ("aside.md", include_str!("../templates/aside.md")),
];

/// Steps a template may take before it is stopped: a hundred times what ours need.
const FUEL: u64 = 20_000_000;

/// A template that cannot be read, or that asks for something that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateFault {
    /// The file in `templates/`.
    pub name: String,
    /// From 1.
    pub line: usize,
    pub message: String,
    pub help: Option<String>,
}

/// Ours alone: read once for all documents of a process.
static OURS: LazyLock<Environment<'static>> = LazyLock::new(built_in);

fn built_in<'t>() -> Environment<'t> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment.set_fuel(Some(FUEL));
    environment.add_filter("cell", |text: String| crate::emit::prose::cell(&text));
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build();
    environment.set_syntax(syntax.expect("the default delimiters are valid"));
    // Read when it is asked for: SKILL.md alone needs one of eleven.
    environment.set_loader(|name| Ok(BUILT_IN.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)));
    environment
}

pub struct Renderer<'t> {
    /// Where the user has templates of his own.
    own: Option<Environment<'t>>,
}

impl<'t> Renderer<'t> {
    pub fn new(templates: &'t [(String, String)]) -> Result<Self, TemplateFault> {
        if templates.is_empty() {
            return Ok(Renderer { own: None });
        }
        let mut environment = built_in();
        for (name, text) in templates {
            if !BUILT_IN.iter().any(|(known, _)| known == name) {
                let known: Vec<&str> = BUILT_IN.iter().map(|(known, _)| *known).collect();
                let near = crate::diagnostic::nearest(name, known.iter().copied());
                return Err(TemplateFault {
                    name: name.clone(),
                    line: 1,
                    message: format!("no template is named `{name}`"),
                    help: Some(match near {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("the templates are {}", known.join(", ")),
                    }),
                });
            }
            environment.add_template(name, text).map_err(|error| fault(name, &error))?;
        }
        Ok(Renderer { own: Some(environment) })
    }

    pub fn render(&self, name: &str, view: &impl Serialize) -> Result<String, TemplateFault> {
        let text = match &self.own {
            Some(own) => own.get_template(name).and_then(|template| template.render(Serde(view))),
            None => OURS.get_template(name).and_then(|template| template.render(Serde(view))),
        };
        text.map(|text| tidy(&text)).map_err(|error| fault(name, &error))
    }
}

fn fault(name: &str, error: &minijinja::Error) -> TemplateFault {
    let kind = error.kind().to_string();
    let message = match error.detail() {
        Some(detail) => format!("{kind}: {detail}"),
        None => kind,
    };
    TemplateFault {
        name: error.name().unwrap_or(name).to_string(),
        line: error.line().unwrap_or(1),
        message: message.trim_end_matches('.').to_string(),
        help: Some("docs/language.md lists what a template can use".to_string()),
    }
}

/// At most one blank line in a row outside of fences, none at the end, and a line end at the end.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut blank = true;
    let mut fence: Option<&str> = None;
    for line in text.lines() {
        let line = if fence.is_some() { line } else { line.trim_end() };
        let mark = line.trim_start();
        let length = mark.len() - mark.trim_start_matches('`').len();
        match fence {
            Some(open) if length >= open.len() && mark[length..].trim().is_empty() => fence = None,
            None if length >= 3 => fence = Some(&mark[..length]),
            _ => {}
        }
        if fence.is_none() && line.is_empty() {
            if blank {
                continue;
            }
            blank = true;
        } else {
            blank = false;
        }
        out.push_str(line);
        out.push('\n');
    }
    let end = out.trim_end().len();
    out.truncate(end);
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_of_another_name_is_refused() {
        let templates = [("phases.md".to_string(), String::new())];
        let fault = Renderer::new(&templates).err().expect("no such template");
        assert_eq!(fault.help.as_deref(), Some("did you mean `phase.md`?"));
    }

    #[test]
    fn a_fault_in_a_template_has_its_line() {
        let templates = [("phase.md".to_string(), "a\n{{ nothing.here }}\n".to_string())];
        let renderer = Renderer::new(&templates).expect("it reads");
        let fault = renderer.render("phase.md", &Vec::<u8>::new()).expect_err("nothing is there");
        assert_eq!((fault.line, fault.name.as_str()), (2, "phase.md"));
    }

    #[test]
    fn blank_lines_fold_outside_of_fences() {
        assert_eq!(tidy("\n\na\n\n\nb  \n```\nx\n\n\ny\n```\n\n\n"), "a\n\nb\n```\nx\n\n\ny\n```\n");
    }
}
