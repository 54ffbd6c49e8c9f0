import { z } from 'zod';
import { type Issue, issueSchema } from './issue.ts';
import type { Spec } from './spec.ts';

/** KG-280: valid exactly where no issue is an error. */
export const specCheckSchema = z.object({
  isValid: z.boolean(),
  issues: z.array(issueSchema),
  suggestions: z.array(z.string()),
});
export type SpecCheck = z.infer<typeof specCheckSchema>;

/** What is known around a specification, by ids. */
export interface SpecSurroundings {
  dependencies: readonly { id: string; status: Spec['status'] | null }[];
  /** From the specification over what it requires back to itself; empty where there is no such circle. */
  circle: readonly string[];
  implementing: readonly string[];
  /** Criteria that code or tests name and that there are not (any more). */
  unknownCriteria: readonly string[];
  /** Criteria of which no test is known. */
  untested: ReadonlySet<string>;
}

/** Words by which nobody can tell whether a criterion is met. */
const VAGUE =
  /\b(appropriate(ly)?|adequate(ly)?|as needed|easy|easily|etc|fast|good|intuitive(ly)?|nice|proper(ly)?|quick(ly)?|reasonable|robust|slow|soon|user-friendly)\b/i;
const FEW_WORDS = 3;

/** Whether a specification can be built and tested as it stands. */
export function checkSpec(spec: Spec, around: SpecSurroundings): SpecCheck {
  const issues: Issue[] = [
    ...ofCriteria(spec, around),
    ...ofDependencies(around),
    ...(spec.goals.length === 0 ? [issue('no-goals', 'warning', 'Nobody says what it is for.')] : []),
    ...(spec.status === 'implemented' && around.implementing.length === 0
      ? [issue('implemented-by-nothing', 'error', 'It is implemented, and no code is known that does so.')]
      : []),
    ...around.unknownCriteria.map((id) =>
      issue('unknown-criterion', 'warning', `Something is tied to the criterion ${id}, which there is not.`),
    ),
  ];
  const suggestions = [
    ...(spec.status === 'draft' && issues.length === 0 ? ['Approve it: nothing speaks against it.'] : []),
    ...(spec.status === 'approved' && around.implementing.length === 0
      ? ['Link the code that implements it, so that a change of that tells of it.']
      : []),
    ...(around.untested.size > 0 ? [`Make a test plan: of ${around.untested.size} criteria no test is known.`] : []),
  ];
  return { isValid: issues.every(({ severity }) => severity !== 'error'), issues, suggestions };
}

function ofCriteria({ acceptanceCriteria, acceptanceCriteriaIds, status }: Spec, { untested }: SpecSurroundings) {
  return acceptanceCriteria.flatMap((text, n): Issue[] => {
    const at = (rule: string, severity: Issue['severity'], message: string) => ({
      ...issue(rule, severity, message),
      line: n + 1,
    });
    const vague = VAGUE.exec(text)?.[0];
    return [
      ...(vague === undefined
        ? []
        : [at('vague-criterion', 'warning', `Nobody can test "${vague}": say how much, or by what one sees it.`)]),
      ...(text.split(/\s+/).length < FEW_WORDS
        ? [at('short-criterion', 'warning', 'It does not say what has to be so, and when.')]
        : []),
      ...(status === 'implemented' && untested.has(acceptanceCriteriaIds[n] ?? '')
        ? [
            at(
              'untested-criterion',
              'warning',
              'It is implemented, and no test is known that tells whether this is so.',
            ),
          ]
        : []),
    ];
  });
}

function ofDependencies({ dependencies, circle }: SpecSurroundings): Issue[] {
  return [
    ...(circle.length > 0
      ? [issue('circular-dependency', 'error', `It requires itself: ${circle.join(' -> ')}.`)]
      : []),
    ...dependencies.flatMap(({ id, status }) => {
      if (status === null) return [issue('unknown-dependency', 'error', `There is no specification ${id}.`)];
      return status === 'deprecated'
        ? [issue('deprecated-dependency', 'warning', `It requires ${id}, which is deprecated.`)]
        : [];
    }),
  ];
}

function issue(rule: string, severity: Issue['severity'], message: string): Issue {
  return { file: null, line: null, column: null, rule, severity, message, suggestion: null };
}
