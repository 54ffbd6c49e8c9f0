import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { gitText } from './git.ts';
import type { IgnoreFiles } from './private-index.ts';
import type { UserRepository } from './user-repository.ts';

/** Which files say what the user ignores, beside the `.gitignore` files themselves, and whether they changed. */
export class IgnoreRules {
  readonly #workspacePath: string;
  /** Whether repositories are nested in the workspace, which have rules of their own. */
  nested = false;
  #files: IgnoreFiles = { repository: null, user: null };
  #repository: UserRepository | null = null;

  constructor(workspacePath: string) {
    this.#workspacePath = workspacePath;
  }

  get files(): IgnoreFiles {
    return this.#files;
  }

  /** Reads anew which files count. */
  async read(): Promise<void> {
    const exclude = this.#repository && join(this.#repository.commonDir, 'info', 'exclude');
    const user = await gitText(['config', '--type=path', '--get', 'core.excludesFile'], {
      cwd: this.#workspacePath,
      asUser: true,
    }).catch(() => '');
    this.#files = {
      repository: exclude && (await stat(exclude).catch(() => null)) ? exclude : null,
      user: user === '' ? null : user,
    };
  }

  /** Changes whenever what is listed may change without a file of the workspace having changed. */
  async fingerprint(repository: UserRepository | null, indexHash: string | null): Promise<string> {
    this.#repository = repository;
    const watched = [
      ...(repository ? [join(repository.commonDir, 'info', 'exclude'), join(repository.commonDir, 'config')] : []),
      ...(this.#files.user === null ? [] : [this.#files.user]),
      join(homedir(), '.gitconfig'),
      join(homedir(), '.config', 'git', 'config'),
      join(homedir(), '.config', 'git', 'ignore'),
    ];
    const facts = await Promise.all(watched.map((path) => stat(path, { bigint: true }).catch(() => null)));
    const times = facts.map((each) => (each === null ? '-' : `${each.size}:${each.ctimeNs}:${each.ino}`));
    return [repository?.gitDir ?? '', indexHash ?? '', ...times].join('|');
  }
}
