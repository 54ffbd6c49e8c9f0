export { applyDiff } from './apply-diff.ts';
export { cloneValue, setProperty } from './clone-value.ts';
export { type Comparator, deepEqual } from './deep-equal.ts';
export * from './diff-entry.ts';
export { countOperations, type DiffSummary, summariseDiff } from './diff-summary.ts';
export { DEFAULT_DIFF_OPTIONS, type DiffOptions, diffValues } from './diff-values.ts';
export { type DomainPath, formatDomainPath, PATH_PREFIXES, parseDomainPath, readDomainPath } from './domain-path.ts';
export { type ValueKind, valueKind } from './value-kind.ts';
