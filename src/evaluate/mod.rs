//! Scores of a split and what follows from them: confusion, metrics, intervals.
