//! What tests and properties say.

use super::super::ast::*;
use super::Printer;

impl Printer<'_, '_> {
    pub(super) fn expect(&mut self, expect: &Expect) {
        self.word("expect ");
        match expect {
            Expect::Skips { exactly, phases } => {
                self.word(if *exactly { "skips exactly" } else { "skips" });
                self.list(phases);
            }
            Expect::Runs(phases) => {
                self.word("runs");
                self.list(phases);
            }
            Expect::Count { what, comparison, number } => {
                self.word("count");
                self.spaced(*what);
                self.word(" ");
                self.word(comparison.symbol());
                self.spaced(*number);
            }
            Expect::Leads { gate, to } => {
                self.word(self.file.slice(*gate));
                self.word(" -> ");
                self.way(*to);
            }
            Expect::Before(precedes) => self.precedes(precedes),
        }
    }

    fn way(&mut self, way: Way) {
        let (word, name) = match way {
            Way::Continue => ("continue", None),
            Way::Ask => ("ask", None),
            Way::Abort => ("abort", None),
            Way::Override => ("override", None),
            Way::Retry => ("retry", None),
            Way::Redo(name) => ("redo", Some(name)),
            Way::Fix(name) => ("fix by", Some(name)),
            Way::Show(name) => ("show", Some(name)),
        };
        self.word(word);
        name.into_iter().for_each(|name| self.spaced(name));
    }

    pub(super) fn precedes(&mut self, precedes: &Precedes) {
        self.place(&precedes.first);
        self.word(" before ");
        self.place(&precedes.second);
    }

    fn place(&mut self, place: &Place) {
        match place.kind {
            PlaceKind::Item => {}
            PlaceKind::Spawns => self.word("spawn "),
            PlaceKind::Step => self.word("step "),
        }
        self.word(self.file.slice(place.name));
    }
}
