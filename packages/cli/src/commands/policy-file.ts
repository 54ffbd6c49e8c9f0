import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { PolicyInput } from '@signalbox/client';
import type { Io } from '../io.ts';
import { UsageError } from '../usage-error.ts';

/** A policy document from a file, in YAML or JSON (which is YAML too). The server checks what it says. */
export async function readPolicyFile(io: Io, file: string): Promise<PolicyInput> {
  const text = await readFile(resolve(io.cwd(), file), 'utf8');
  // Only here: no other command should pay for it.
  const { parse, YAMLParseError } = await import('yaml');
  let document: unknown;
  try {
    document = parse(text);
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw new UsageError(`${file} cannot be read: ${error.message}`);
  }
  if (typeof document !== 'object' || document === null || !('name' in document)) {
    throw new UsageError(`${file} must hold one policy, with a name, rules and a default.`);
  }
  return document as PolicyInput;
}
