//! Cuts a domain of integers into the intervals between which no condition can tell a difference.

/// The cells of one variable: ascending, together the whole domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cells {
    /// The first value of each cell.
    starts: Vec<i64>,
    high: i64,
}

impl Cells {
    /// A cell for each value: for enums and truth values.
    pub fn singletons(low: i64, high: i64) -> Self {
        Cells { starts: (low..=high).collect(), high }
    }

    /// Cuts `low..=high` at the borders of the ranges that occur.
    pub fn cut<'a>(low: i64, high: i64, ranges: impl IntoIterator<Item = &'a (i64, i64)>) -> Self {
        let mut starts = vec![low];
        for (from, to) in ranges {
            starts.push(*from);
            starts.push(to.saturating_add(1));
        }
        starts.retain(|start| (low..=high).contains(start));
        starts.sort_unstable();
        starts.dedup();
        Cells { starts, high }
    }

    pub fn len(&self) -> usize {
        self.starts.len()
    }

    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// The smallest value of a cell: what stands for it in a counter-example.
    pub fn value(&self, cell: usize) -> i64 {
        self.starts[cell]
    }

    /// The values of a cell, first and last.
    pub fn range(&self, cell: usize) -> (i64, i64) {
        (self.starts[cell], self.starts.get(cell + 1).map_or(self.high, |next| next - 1))
    }

    /// The cell of a value of the domain.
    pub fn cell(&self, value: i64) -> usize {
        self.starts.partition_point(|start| *start <= value).saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn borders_cut_and_values_find_their_cell() {
        let cells = Cells::cut(0, 100, &[(80, 100), (50, 69)]);
        assert_eq!(cells.len(), 4);
        assert_eq!(cells.range(1), (50, 69));
        assert_eq!(cells.cell(79), 2);
        assert_eq!(cells.cell(80), 3);
        assert_eq!(cells.value(3), 80);
    }
}
