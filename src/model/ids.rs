//! Typed ids: a number that says what it numbers. Names exist in the source, ids everywhere else.

/// An index into one vector of the model.
pub trait Id: Copy {
    fn index(self) -> usize;
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(u32);

        impl $name {
            /// The id of the element at `index`.
            pub fn new(index: usize) -> Self {
                $name(u32::try_from(index).expect("a source of 4 GiB cannot be read"))
            }

            pub fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl Id for $name {
            fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

ids! {
    /// An item of the flow; ids grow in the order of writing.
    NodeId
    FactId
    EnumId
    ArtifactId
    AgentId
    ProcedureId
    LetId
    LimitId
}
