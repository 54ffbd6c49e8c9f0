import { z } from 'zod';
import { isTestFile } from '../indexers/test-file.ts';

/** What is remembered of a file or directory (WATCH-02). */
export interface FileState {
  isDirectory: boolean;
  /** Bytes; 0 of a directory. */
  size: number;
  mtime: Date;
  /** SHA-256 of its contents, in hex; null for a directory, and for a file that is too large to be read. */
  hash: string | null;
}

export type ChangePriority = 'high' | 'medium' | 'low';

/** One net change of a path, from when it was told of last (WATCH-02, 08). */
export interface WatchedChange {
  type: 'create' | 'modify' | 'delete' | 'rename';
  /** Relative to the root, with forward slashes. */
  path: string;
  absolutePath: string;
  /** Of a rename: where it was. */
  oldPath?: string;
  isDirectory: boolean;
  /** As it is now, or was last where it is no more. */
  stats: { size: number; mtime: Date };
  hash: string | null;
  priority: ChangePriority;
}

/** Not watched whatever the user's own rules say (WATCH-01). */
export const DEFAULT_IGNORED = [
  '**/node_modules/**',
  '**/dist/**',
  '**/build/**',
  '**/.git/**',
  '**/coverage/**',
  '**/*.log',
  '**/.DS_Store',
];

export const watchSettingsSchema = z.strictObject({
  /** Absolute real path; all others are relative to it. */
  root: z.string().min(1),
  watchPaths: z.array(z.string().min(1)).min(1).default(['.']),
  /** From the last event on; 0: at once. */
  debounceMs: z.int().min(0).max(60_000).default(100),
  /** Changes that are told of at once. */
  maxConcurrent: z.int().min(1).max(1_000).default(10),
  /** Globs, on the path relative to the root or to its watch path (WATCH-13). */
  ignorePatterns: z.array(z.string().min(1)).default(DEFAULT_IGNORED),
  /** Whether `.gitignore` and `.git/info/exclude` count as well. */
  honourGitignore: z.boolean().default(true),
  /** Bytes up to which a file is read. */
  mostBytes: z
    .int()
    .min(0)
    .default(10 * 1024 * 1024),
  /** Looks at each file again and again, where the system tells of no changes; milliseconds between two looks (WATCH-04). */
  pollEveryMs: z.int().min(5).nullable().default(null),
});
export type WatchSettings = z.input<typeof watchSettingsSchema>;

const LOW = new Set(['dist', 'build', 'coverage', 'logs', 'node_modules']);
const SOURCE = /\.[jt]sx?$/;
const AMONG_TESTS = /(?:^|\/)(?:tests?|specs?)\//;
const DESCRIBES = /\.(?:json|ya?ml|md|config)$|(?:^|\/)readme[^/]*$/;

/** WATCH-12, by whole parts of the path. */
export function priorityOf(path: string): ChangePriority {
  const lower = path.toLowerCase();
  if (
    lower.endsWith('.log') ||
    lower
      .split('/')
      .slice(0, -1)
      .some((part) => LOW.has(part))
  )
    return 'low';
  if (SOURCE.test(lower) && !AMONG_TESTS.test(lower) && !isTestFile(lower)) return 'high';
  return DESCRIBES.test(lower) ? 'medium' : 'low';
}
