import { claudeCodeFiles } from './claude-code-files.ts';
import type { Launch } from './launch.ts';
import { allOpencodeFiles, opencodeFiles } from './opencode-files.ts';

/** A file of a project that an agent reads, and what is ours in it. */
export interface AgentFile {
  path: string;
  /** The bytes with what is ours; null: there is no file yet. */
  connect(before: Buffer | null, launch: Launch): Buffer | null;
  /** The bytes without it; null where nothing is left that was not ours. */
  disconnect(now: Buffer): Buffer | null;
}

/** An agent that people start themselves, and that can be made to tell of it. */
export interface ConnectableAgent {
  name: 'claude-code' | 'opencode';
  title: string;
  /** What connecting it does, for the help. */
  writes: string;
  /** Whether it has settings that are not shared with others. */
  hasLocal: boolean;
  /** The files of a project that connecting writes. */
  files(directory: string, local: boolean): Promise<AgentFile[]>;
  /** All that it may have written, whichever way. */
  allFiles(directory: string): Promise<AgentFile[]>;
}

export const CONNECTABLE_AGENTS: readonly ConnectableAgent[] = [
  {
    name: 'claude-code',
    title: 'Claude Code',
    writes: 'hooks and the MCP server into the settings of a project',
    hasLocal: true,
    files: async (directory, local) => claudeCodeFiles(directory, local),
    allFiles: async (directory) => [
      ...claudeCodeFiles(directory, false),
      ...claudeCodeFiles(directory, true).slice(0, 1),
    ],
  },
  {
    name: 'opencode',
    title: 'OpenCode',
    writes: 'a plugin and the MCP server into the configuration of a project',
    hasLocal: false,
    files: opencodeFiles,
    allFiles: async (directory) => allOpencodeFiles(directory),
  },
];
