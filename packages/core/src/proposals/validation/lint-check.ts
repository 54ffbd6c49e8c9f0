import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { SignalboxError } from '../../platform/errors/index.ts';
import type { Issue } from '../../specs/index.ts';
import { confine } from '../../workspaces/index.ts';
import { runProgram } from './run-program.ts';

export const LINTERS = ['eslint', 'biome'] as const;
export type Linter = (typeof LINTERS)[number];

export type Linted = { program: Linter | null; issues: Issue[] } | { program: Linter | null; failure: string };

export interface LintStart {
  root: string;
  /** Relative to the root. */
  files: readonly string[];
  /** What files would hold, by path; null for those that would be gone. */
  proposed: ReadonlyMap<string, string | null>;
  /** Which a person allowed to be run: they are programs of the workspace, and its configuration is a program, too. */
  allowed: readonly Linter[];
}

const LINTABLE = /\.(?:[cm]?[jt]sx?|vue|svelte|astro)$/;
const CONFIGS: Readonly<Record<Linter, RegExp>> = {
  eslint: /^(?:eslint\.config\.[cm]?[jt]s|\.eslintrc(?:\.(?:[cm]?js|json|ya?ml))?)$/,
  biome: /^biome\.jsonc?$/,
};
const SECONDS = 120;
/** Each takes a start of the program. */
const MOST_PROPOSED = 20;

/** What the workspace's own linter says of files, where it has one and a person allowed it. Nothing is written. */
export async function lint(start: LintStart): Promise<Linted> {
  const { root, allowed, proposed } = start;
  const files = start.files.filter((path) => LINTABLE.test(path) && proposed.get(path) !== null);
  if (allowed.length === 0) {
    return {
      program: null,
      failure: 'No person has allowed the linter of a workspace to be run (`validation.linters`).',
    };
  }
  const found = await linterOf(root, allowed);
  if (found === null)
    return { program: null, failure: `The workspace has none of ${allowed.join(', ')}, or no configuration of it.` };
  const { program, path } = found;
  if (files.length === 0) return { program, failure: 'None of the files is one that it looks at.' };
  const fresh = files.filter((file) => proposed.has(file));
  const stored = files.filter((file) => !proposed.has(file));
  if (program === 'biome' && fresh.length > 0) {
    return { program, failure: 'Biome looks at files only, and what is proposed is in none.' };
  }
  if (fresh.length > MOST_PROPOSED) {
    return { program, failure: `${fresh.length} files are proposed; at most ${MOST_PROPOSED} are looked at.` };
  }
  const issues: Issue[] = [];
  const calls = [
    ...(stored.length > 0 ? [{ args: argumentsOf(program, stored), input: undefined }] : []),
    ...fresh.map((file) => ({
      args: ['--format', 'json', '--stdin', '--stdin-filename', join(root, file)],
      input: proposed.get(file) ?? '',
    })),
  ];
  for (const { args, input } of calls) {
    const ran = await runProgram(path, args, { cwd: root, input, seconds: SECONDS });
    if ('failure' in ran) return { program, failure: `${program} did not run: ${ran.failure}.` };
    const read = program === 'eslint' ? readEslint(ran.stdout, root) : readBiome(ran.stdout);
    if (read === null) {
      const said = (ran.stderr || ran.stdout).trim().slice(0, 500);
      return { program, failure: `${program} ended with ${ran.exitCode}, and said nothing that it should: ${said}` };
    }
    issues.push(...read);
  }
  return { program, issues };
}

async function linterOf(root: string, allowed: readonly Linter[]): Promise<{ program: Linter; path: string } | null> {
  const names = await readdir(root);
  for (const program of allowed) {
    if (!names.some((name) => CONFIGS[program].test(name))) continue;
    const path = await ownProgram(root, program);
    if (path !== null) return { program, path };
  }
  return null;
}

/** Null where the workspace has no such program of its own. */
async function ownProgram(root: string, program: Linter): Promise<string | null> {
  try {
    const path = await confine(root, join('node_modules', '.bin', program));
    await access(path);
    return path;
  } catch (error) {
    if (SignalboxError.is(error, 'PATH_OUTSIDE_WORKSPACE') || (error as NodeJS.ErrnoException).code === 'ENOENT')
      return null;
    throw error;
  }
}

/** Paths that begin with a dash are no options. */
function argumentsOf(program: Linter, files: readonly string[]): string[] {
  const paths = files.map((file) => `./${file}`);
  return program === 'eslint'
    ? ['--format', 'json', ...paths]
    : ['lint', '--reporter=json', '--max-diagnostics=none', ...paths];
}

const eslintSchema = z.array(
  z.looseObject({
    filePath: z.string(),
    messages: z.array(
      z.looseObject({
        ruleId: z.string().nullable(),
        severity: z.number(),
        message: z.string(),
        line: z.int().optional(),
        column: z.int().optional(),
        suggestions: z.array(z.looseObject({ desc: z.string() })).optional(),
      }),
    ),
  }),
);

function readEslint(text: string, root: string): Issue[] | null {
  const parsed = eslintSchema.safeParse(jsonOf(text));
  if (!parsed.success) return null;
  return parsed.data.flatMap(({ filePath, messages }) =>
    messages.map(
      ({ ruleId, severity, message, line, column, suggestions }): Issue => ({
        file: filePath.startsWith(`${root}/`) ? filePath.slice(root.length + 1) : filePath,
        line: line ?? null,
        column: column ?? null,
        rule: ruleId ?? 'syntax',
        severity: severity >= 2 ? 'error' : 'warning',
        message,
        suggestion: suggestions?.[0]?.desc ?? null,
      }),
    ),
  );
}

const biomeSchema = z.looseObject({
  diagnostics: z.array(
    z.looseObject({
      severity: z.string(),
      message: z.string(),
      category: z.string().nullish(),
      location: z
        .looseObject({ path: z.string().nullish(), start: z.looseObject({ line: z.int(), column: z.int() }).nullish() })
        .nullish(),
    }),
  ),
});

function readBiome(text: string): Issue[] | null {
  const parsed = biomeSchema.safeParse(jsonOf(text));
  if (!parsed.success) return null;
  return parsed.data.diagnostics.map(
    ({ severity, message, category, location }): Issue => ({
      file: location?.path?.replace(/^\.\//, '') ?? null,
      line: location?.start?.line ?? null,
      column: location?.start?.column ?? null,
      rule: category ?? 'biome',
      severity: severity === 'error' || severity === 'fatal' ? 'error' : severity === 'warning' ? 'warning' : 'info',
      message,
      suggestion: null,
    }),
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
