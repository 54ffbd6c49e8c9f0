export { chooseStrategy, recommendedStrategy, strategyNamed } from './choose-strategy.ts';
export { type DependencyGraph, dependencyGraphSchema } from './dependency-graph.ts';
export { type Selection, selectionSchema } from './selection.ts';
export { type TimeFilter, timeFilterSchema } from './time-filter.ts';
export { wireChange, wireConflict } from './wire-change.ts';
