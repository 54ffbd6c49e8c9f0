import { join } from 'node:path';
import { realName } from '../../locks/index.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import { blobId, type ExpectedWrite, proposedText, writtenPaths } from '../../workspaces/index.ts';
import type { ToolCall } from '../runtime.ts';

type Arguments = ToolCall['arguments'];

/**
 * What a call says it writes, and to what content that leads where its arguments tell: the whole text, or replacements in
 * the file as it is now. Null where it does not say; empty where it writes nothing in the workspace.
 */
export async function expectedWrites(workspacePath: string, call: ToolCall): Promise<ExpectedWrite[] | null> {
  const names = writtenPaths(call);
  if (names === null) return null;
  const paths = await Promise.all(names.map((name) => insideName(workspacePath, name)));
  const deleted = deletedByPatch(call.arguments);
  const writes: ExpectedWrite[] = [];
  for (const [at, path] of paths.entries()) {
    if (path === null) continue;
    const text = await proposedText(join(workspacePath, path), call);
    const oid = text === null ? null : blobId(Buffer.from(text, 'utf8'));
    writes.push({ path, oid, deleted: deleted.has(names[at] as string) });
  }
  return writes;
}

async function insideName(workspacePath: string, name: string): Promise<string | null> {
  try {
    return await realName(workspacePath, name);
  } catch (error) {
    if (SignalboxError.is(error, 'PATH_OUTSIDE_WORKSPACE')) return null;
    throw error;
  }
}

function deletedByPatch(given: Arguments): ReadonlySet<string> {
  const patch = given.patchText ?? given.patch ?? given.input;
  if (typeof patch !== 'string') return new Set();
  return new Set([...patch.matchAll(/^\*\*\* Delete File: (.+)$/gm)].map((line) => (line[1] as string).trim()));
}
