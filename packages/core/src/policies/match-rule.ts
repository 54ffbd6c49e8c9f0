import type { CallFacts } from './decision.ts';
import type { CallPart } from './examine-call.ts';
import { matchCommand, type RuleVerdict } from './match-command.ts';
import { matchesTime } from './match-time.ts';
import { coversBelow, matchesGlob, matchesPattern, reachesBelow } from './patterns.ts';
import type { PolicyRule, RuleMatch } from './policy.ts';

/** Puts one rule to one part of a call. */
export function matchRule({ match, effect }: PolicyRule, part: CallPart, facts: CallFacts): RuleVerdict {
  for (const check of CHECKS) {
    const failed = check(match, facts);
    if (failed) return { matched: 'no', because: failed };
  }
  const verdicts = [
    matchPaths(match, part, facts.workspacePath, effect === 'allow'),
    matchCommands(match, part, effect === 'allow'),
  ];
  return (
    verdicts.find((verdict) => verdict?.matched === 'no') ??
    verdicts.find((verdict) => verdict?.matched === 'unsure') ?? {
      matched: 'yes',
      because: verdicts.flatMap((verdict) => verdict?.because ?? []).join(', ') || 'all that it names holds',
    }
  );
}

type Check = (match: RuleMatch, facts: CallFacts) => string | null;

const CHECKS: readonly Check[] = [
  ({ runtimes }, { runtime }) => differs('runtime', runtimes, runtime),
  ({ tools }, { tool }) => differs('tool', tools, tool),
  ({ taskTypes }, { taskType }) => differs('task type', taskTypes, taskType),
  ({ agents }, { agent }) => differs('agent', agents, agent),
  ({ agentRoles }, { agentRole }) => differs('agent role', agentRoles, agentRole),
  ({ labels }, facts) =>
    !labels || facts.labels.some((label) => matchesPattern(labels, label))
      ? null
      : `no label of the session is ${oneOf(labels)}`,
  ({ time }, { at }) => (!time || matchesTime(time, at) ? null : `${at.toISOString()} is outside of its time`),
  ({ spent }, facts) => underSpent(spent, facts),
  ({ reach }, facts) => {
    const known = facts.reach ?? 'unknown';
    // What nobody can tell may be much.
    const counts = known === 'unknown' ? [known, 'high' as const] : [known];
    const said = `${known}${known === 'unknown' ? ', which counts as high' : ''}`;
    return !reach || counts.some((one) => reach.includes(one))
      ? null
      : `the reach is ${said}, not ${reach.join(' or ')}`;
  },
];

function differs(what: string, patterns: readonly string[] | undefined, value: string | null): string | null {
  if (!patterns || (value !== null && matchesPattern(patterns, value))) return null;
  return `the ${what} is ${value ?? 'not known'}, not ${oneOf(patterns)}`;
}

function oneOf(patterns: readonly string[]): string {
  return patterns.length > 5 ? `one of ${patterns.length} patterns` : patterns.join(' or ');
}

const MEASURES = ['tokens', 'costUsd', 'seconds', 'toolCalls'] as const;

function underSpent(least: RuleMatch['spent'], { spent }: CallFacts): string | null {
  const under = MEASURES.find((measure) => least?.[measure] !== undefined && spent[measure] < least[measure]);
  return under ? `${spent[under]} ${under} are spent, fewer than ${least?.[under]}` : null;
}

function matchCommands({ commands }: RuleMatch, { command }: CallPart, allows: boolean): RuleVerdict | null {
  if (!commands) return null;
  if (!command) return { matched: 'no', because: 'the call runs no shell command' };
  if (command.indirect) return { matched: 'unsure', because: command.indirect };
  const verdicts = commands.map((wanted) => matchCommand(wanted, command, allows));
  return (
    verdicts.find(({ matched }) => matched === 'yes') ??
    verdicts.find(({ matched }) => matched === 'unsure') ?? {
      matched: 'no',
      because: `${command.program || 'the command'} is none of its commands`,
    }
  );
}

function matchPaths(
  { paths }: RuleMatch,
  { path, command }: CallPart,
  workspace: string,
  allows: boolean,
): RuleVerdict | null {
  if (!paths) return null;
  if (!path && command?.opaque && !allows) return { matched: 'unsure', because: command.indirect ?? '' };
  if (!path) return { matched: 'no', because: 'no file is known that it writes' };
  const { absolute, relative, given } = path;
  if (absolute === null) return { matched: 'unsure', because: `where ${given} leads to cannot be told` };
  const real = { absolute, relative };
  if (paths.inside && !matchesGlob(paths.inside, real)) {
    if (path.tree && !allows && reachesBelow(paths.inside, real, workspace)) {
      return { matched: 'unsure', because: `it may write ${oneOf(paths.inside)} below ${relative || absolute}` };
    }
    return { matched: 'no', because: `${relative ?? absolute} is not inside ${oneOf(paths.inside)}` };
  }
  if (paths.outside && matchesGlob(paths.outside, real)) {
    return { matched: 'no', because: `${relative ?? absolute} is not outside ${oneOf(paths.outside)}` };
  }
  // Allowed is only what is so with all that lies below.
  if (path.tree && allows) {
    if (paths.inside && !coversBelow(paths.inside, real)) {
      return { matched: 'no', because: `not all below ${relative ?? absolute} is inside ${oneOf(paths.inside)}` };
    }
    if (paths.outside && reachesBelow(paths.outside, real, workspace)) {
      return { matched: 'no', because: `below ${relative ?? absolute} may be ${oneOf(paths.outside)}` };
    }
  }
  return { matched: 'yes', because: `it writes ${relative ?? absolute}` };
}
