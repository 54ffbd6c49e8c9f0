import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import { SignalboxError } from '../platform/errors/index.ts';
import type { Policies } from './policies.ts';
import { type PolicyDocument, policyDocumentSchema } from './policy.ts';

/** As whom what stands in files is applied. */
const ACTOR = 'file';

/**
 * Policies of a project that are kept in files, one each in YAML or JSON: applied at first, and whenever a file has changed. What
 * people change otherwise stays until then, or the next start; what a file does not say (position, whether it is in force, for which session) is theirs.
 */
export class PolicyFiles {
  readonly #policies: Pick<Policies, 'get' | 'create' | 'update'>;
  readonly #paths: readonly string[];
  /** What was applied last, by path. */
  readonly #applied = new Map<string, string>();

  constructor(policies: Pick<Policies, 'get' | 'create' | 'update'>, paths: readonly string[]) {
    this.#policies = policies;
    this.#paths = paths;
  }

  /** Changes nothing. @throws POLICY_FILE_INVALID */
  async check(): Promise<void> {
    const names = new Map<string, string>();
    for (const path of this.#paths) {
      const { name } = documentOf(path, await textOf(path));
      const other = names.get(name);
      if (other !== undefined) {
        const reason = `${other} says the policy "${name}" already`;
        throw new SignalboxError('POLICY_FILE_INVALID', { path, reason });
      }
      names.set(name, path);
    }
  }

  /** Applies what has changed since the last time; a file that cannot be read leaves what is in force. @throws POLICY_FILE_INVALID */
  async look(projectId: string): Promise<void> {
    for (const path of this.#paths) {
      const text = await textOf(path);
      if (this.#applied.get(path) === text) continue;
      await this.#apply(projectId, documentOf(path, text));
      this.#applied.set(path, text);
    }
  }

  async #apply(projectId: string, document: PolicyDocument): Promise<void> {
    const before = await this.#policies.get(projectId, document.name).catch((error) => {
      if (SignalboxError.is(error, 'POLICY_NOT_FOUND')) return null;
      throw error;
    });
    if (before === null) await this.#policies.create(projectId, { document }, ACTOR);
    else if (!isDeepStrictEqual(before.document, document))
      await this.#policies.update(projectId, before.id, before.version, { document }, ACTOR);
  }
}

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: Error) => {
    throw new SignalboxError('POLICY_FILE_INVALID', { path, reason: error.message }, { cause: error });
  });
}

function documentOf(path: string, text: string): PolicyDocument {
  try {
    const document = policyDocumentSchema.safeParse(parse(text, { maxAliasCount: 100 }));
    if (document.success) return document.data;
    const [issue] = document.error.issues;
    throw new Error(`${issue?.path.join('.') || 'the whole'}: ${issue?.message}`);
  } catch (error) {
    const reason = (error as Error).message.split('\n')[0] ?? '';
    throw new SignalboxError('POLICY_FILE_INVALID', { path, reason }, { cause: error });
  }
}
