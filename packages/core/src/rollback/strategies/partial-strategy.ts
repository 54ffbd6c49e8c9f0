import { repeatedChanges } from '../operations/detect-conflicts.ts';
import { inDependencyOrder, reportDependencies } from './dependency-graph.ts';
import { matchesAny, selectChanges } from './selection.ts';
import { applyAll, type Strategy } from './strategy.ts';

/** Only what was selected (RB-093…101), what others need before them. */
export const partialStrategy: Strategy = {
  name: 'partial',
  refusal({ options, changes }, plan) {
    const { partialSelections = [], allowMissingDependencies } = options;
    if (partialSelections.length === 0) return 'nothing is selected; give `partialSelections`';
    if (plan.changes.length === 0) return 'the selections match none of the changes';
    const changed = new Set(changes.map(({ path }) => path));
    const missing = plan.dependencies.required.filter((path) => changed.has(path));
    if (missing.length === 0 || allowMissingDependencies) return null;
    return `selected changes need others that are not selected: ${missing.join(', ')}; select them too, or set \`allowMissingDependencies\``;
  },
  plan({ options, changes, graph }) {
    const selections = options.partialSelections ?? [];
    const selected = selectChanges(changes, selections);
    const paths = selected.map(({ path }) => path);
    return {
      changes: inDependencyOrder(selected, graph),
      conflicts: repeatedChanges(selected, new Map(selected.map(({ path, oldValue }) => [path, oldValue]))),
      dependencies: reportDependencies(paths, graph),
      warnings: selections
        .filter((selection) => !matchesAny(selection, changes))
        .map(({ type, identifiers }) => `the ${type} selection ${identifiers.join(', ')} matches none of the changes`),
    };
  },
  estimate: (changes) => 1_000 + 75 * changes,
  async run(context, plan) {
    await context.progress(10);
    await context.progress(20);
    const settled = await context.settle(plan.changes, plan.conflicts);
    await context.progress(30);
    await applyAll(context, settled, 30, 100);
    context.log(
      'info',
      `applied ${settled.length} selected change(s); ${context.changes.length - settled.length} stay`,
    );
  },
};
