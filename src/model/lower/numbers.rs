//! Numbers as they are written, and where one may stand.

use super::*;

impl<'s> Lowering<'_, 's> {
    /// A number without a unit other than `k`.
    pub(super) fn plain(&mut self, span: Span) -> Option<Quantity> {
        let quantity = self.number(span)?;
        if quantity.unit != Unit::None {
            let shown = self.slice(span);
            self.report(
                Diagnostic::new(&BAD_NUMBER, span, format!("`{shown}` has a unit that cannot stand here"))
                    .label("a plain number is expected")
                    .help("leave the unit out"),
            );
            return None;
        }
        Some(quantity)
    }

    /// A whole number without a unit other than `k`.
    pub(super) fn whole(&mut self, span: Span) -> Option<i64> {
        let quantity = self.plain(span)?;
        let whole = quantity.whole();
        if whole.is_none() {
            let shown = self.slice(span);
            self.report(
                Diagnostic::new(&BAD_NUMBER, span, format!("`{shown}` is not a whole number"))
                    .label("a whole number is expected"),
            );
        }
        whole
    }

    pub(super) fn amount(&mut self, amount: ast::Amount) -> Option<Amount<'s>> {
        let name = self.named(amount.span);
        if amount.is_number {
            return self.number(amount.span).map(|quantity| Amount { quantity, name: None, span: amount.span });
        }
        self.amount_named(name).map(|quantity| Amount { quantity, name: Some(name.name), span: amount.span })
    }

    /// A bound of tries: a whole number from 1.
    pub(super) fn bound(&mut self, amount: ast::Amount) -> Option<Amount<'s>> {
        let bound = self.amount(amount)?;
        let whole = bound.quantity.whole().filter(|_| bound.quantity.unit == Unit::None);
        if whole.is_some_and(|number| number >= 1) {
            return Some(bound);
        }
        let shown = self.slice(amount.span);
        self.report(
            Diagnostic::new(&BAD_NUMBER, amount.span, format!("`at most {shown}` bounds nothing"))
                .label("a whole number from 1 is expected"),
        );
        None
    }
}
