//! A vector that never moves what it holds: it takes room for a few at a time and leaves none beside.

use std::ops::{Index, IndexMut};

/// So many lie side by side: enough to be read ahead, few enough to cost nothing where they are not needed.
const LENGTH: usize = 128;

/// All but the last chunk are full.
#[derive(Debug)]
pub struct Chunks<T>(Vec<Vec<T>>);

impl<T> Default for Chunks<T> {
    fn default() -> Self {
        Chunks(Vec::new())
    }
}

impl<T> Chunks<T> {
    /// Adds an element, and gives its index.
    pub fn push(&mut self, element: T) -> u32 {
        match self.0.last() {
            // Most workflows are small.
            None => self.0.push(Vec::new()),
            Some(last) if last.len() == LENGTH => self.0.push(Vec::with_capacity(LENGTH)),
            Some(_) => {}
        }
        let full = (self.0.len() - 1) * LENGTH;
        let last = self.0.last_mut().expect("there is one with room");
        last.push(element);
        u32::try_from(full + last.len() - 1).expect("a source of 4 GiB cannot be read")
    }

    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter().flatten()
    }
}

impl<T> Index<u32> for Chunks<T> {
    type Output = T;

    fn index(&self, index: u32) -> &T {
        &self.0[index as usize / LENGTH][index as usize % LENGTH]
    }
}

impl<T> IndexMut<u32> for Chunks<T> {
    fn index_mut(&mut self, index: u32) -> &mut T {
        &mut self.0[index as usize / LENGTH][index as usize % LENGTH]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_added_is_found_at_its_index() {
        let mut chunks = Chunks::default();
        let indexes: Vec<u32> = (0..3 * LENGTH + 1).map(|element| chunks.push(element)).collect();
        assert!(indexes.iter().all(|index| chunks[*index] == *index as usize));
        assert!(chunks.iter().copied().eq(0..3 * LENGTH + 1));
        chunks[200] = 0;
        assert_eq!(chunks[200], 0);
    }
}
