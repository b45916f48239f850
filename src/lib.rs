//! Gatewright: a compiler for a declarative workflow language.
//!
//! The modules stand in the order of the way of the data; each uses only those above it.
#![warn(clippy::disallowed_methods)]

pub mod diagnostic;
pub mod plan;
pub mod source;

pub mod glob;
pub mod logic;
pub mod render;
pub mod syntax;

pub mod family;

pub mod model;

pub mod graph;
pub mod skill;

pub mod analysis;
pub mod registry;

pub mod checks;
pub mod compare;
pub mod emit;

pub mod compile;

pub mod explain;
pub mod mutate;
pub mod origin;

pub mod cli;
