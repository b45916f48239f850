//! Pictures of a workflow: an outline for terminals, SVG, Mermaid, Graphviz, JSON.
//!
//! All are made from one `outline`: the tree of bodies, each cut into parts that follow each other, with every word
//! already chosen. A picture only decides where things stand.

mod branches;
mod card;
mod chart;
mod dot;
mod flow;
mod json;
mod lanes;
mod layout;
mod mermaid;
mod outline;
mod paint;
mod scene;
mod svg;
mod text;
pub(super) mod words;

pub mod measure;

use crate::analysis::{Runs, Sound};
use crate::logic::{Diagram, TRUE};
use crate::model::NodeId;

use outline::Outline;

/// Which variants a picture is of, and what runs in them.
#[derive(Debug, Clone)]
pub struct View {
    /// Per node, in the chosen variants.
    runs: Vec<Runs>,
    /// Per node, in those of the chosen variants in which the item around it runs.
    inside: Vec<Runs>,
    /// What was chosen, in words; `None` for all variants.
    given: Option<String>,
}

impl View {
    /// The variants that agree with `given`; with [`TRUE`] all of them, and then conditions are shown as written.
    pub fn new(sound: Sound<'_, '_>, given: Diagram) -> Self {
        let nodes = (0..sound.model.nodes.len()).map(NodeId::new);
        let runs = nodes.clone().map(|node| sound.runs(node, given)).collect();
        let inside =
            nodes.map(|node| sound.runs(node, sound.and(given, sound.run(sound.model.node(node).parent)))).collect();
        View { runs, inside, given: (given != TRUE).then(|| words::chosen(&sound, given)) }
    }

    /// Whether an item runs in the chosen variants.
    pub fn runs(&self, node: NodeId) -> Runs {
        self.runs[node.index()]
    }
}

/// The outline for a terminal, 100 columns wide.
pub fn text(sound: Sound<'_, '_>, when: &View, color: bool) -> String {
    text::write(&Outline::new(sound, when), color)
}

/// A picture that any browser shows: no script, no font, nothing outside the file.
pub fn svg(sound: Sound<'_, '_>, when: &View) -> String {
    svg::write(&Outline::new(sound, when))
}

/// A flowchart for Markdown pages that render Mermaid.
pub fn mermaid(sound: Sound<'_, '_>, when: &View) -> String {
    mermaid::write(&Outline::new(sound, when))
}

/// A graph for Graphviz.
pub fn dot(sound: Sound<'_, '_>, when: &View) -> String {
    dot::write(&Outline::new(sound, when))
}

/// Every item with its kind, place, condition and waits, for other tools.
pub fn json(sound: Sound<'_, '_>, when: &View) -> String {
    json::write(sound, when, &Outline::new(sound, when))
}
