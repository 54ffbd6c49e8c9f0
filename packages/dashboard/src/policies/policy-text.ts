import type { PolicyDocument, PolicyInput } from '@signalbox/client';
import { LineCounter, parseDocument, stringify } from 'yaml';

/** What is wrong with a text, and in which of its lines, counted from 1. */
export interface TextProblem {
  line: number;
  message: string;
}

/** A document as text: what is by default is left out, so that it reads as somebody would have written it. */
export function policyText({ name, description, default: otherwise, rules }: PolicyDocument): string {
  const written = {
    name,
    ...(description === null ? {} : { description }),
    default: otherwise,
    rules: rules.map(({ id, name: called, match, effect, approval }) => ({
      id,
      name: called,
      match,
      effect,
      ...(approval === undefined ? {} : { approval: told(approval) }),
    })),
  };
  return stringify(written, { lineWidth: 110 });
}

function told(approval: object): object {
  return Object.fromEntries(
    Object.entries(approval).filter(([, value]) => value !== null && !(Array.isArray(value) && value.length === 0)),
  );
}

/** Reads YAML, of which JSON is a part. The document is null where there are problems. */
export function readPolicyText(text: string): { document: PolicyInput | null; problems: TextProblem[] } {
  const lines = new LineCounter();
  const parsed = parseDocument(text, { lineCounter: lines });
  const problems = [...parsed.errors, ...parsed.warnings].map(({ message, pos }) => ({
    line: lines.linePos(pos[0]).line,
    message: message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? message,
  }));
  if (problems.length > 0) return { document: null, problems };
  const value = plainValue(() => parsed.toJS({ maxAliasCount: 0 }));
  if (value instanceof Error) return { document: null, problems: [{ line: 1, message: value.message }] };
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { document: null, problems: [{ line: 1, message: 'A policy has a name, rules and a default.' }] };
  return { document: value as PolicyInput, problems: [] };
}

/** References are not followed: what refers to itself would never end. */
function plainValue(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/**
 * Where in the text the server's problems are: at what they are about, else at what it stands in.
 * @param problems with paths such as `rules.0.match`.
 */
export function placedProblems(text: string, problems: readonly { path: string; message: string }[]): TextProblem[] {
  const lines = new LineCounter();
  const parsed = parseDocument(text, { lineCounter: lines, keepSourceTokens: true });
  return problems.map(({ path, message }) => {
    const steps = path === '' ? [] : path.split('.').map((step) => (/^\d+$/.test(step) ? Number(step) : step));
    const about = steps.length === 0 ? message : `${path}: ${message}`;
    for (let depth = steps.length; depth > 0; depth--) {
      const node = parsed.getIn(steps.slice(0, depth), true);
      const at = rangeOf(node);
      if (at !== null) return { line: lines.linePos(at).line, message: about };
    }
    return { line: 1, message: about };
  });
}

function rangeOf(node: unknown): number | null {
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range)) return null;
  const [start] = node.range as unknown[];
  return typeof start === 'number' ? start : null;
}

/** What a policy looks like that somebody is about to write. */
export const FIRST_TEXT = `name: house
description: What agents may do by themselves in this project.
default: allow
rules:
  - id: remove
    name: Removing whole directories needs an approval
    match:
      commands:
        - programs: [rm]
          anyArgument: ["-r", "-R", "--recursive"]
    effect: require_approval
    approval:
      roles: [approver]
      timeoutSeconds: 3600
`;
