import type { z } from 'zod';
import type { SignalboxError } from '../../platform/errors/index.ts';
import type { MapStatement } from '../ingest/statement.ts';
import { keyOf, type StatedFacts } from './stated-facts.ts';
import { unreadable, type YamlFormat } from './yaml-documents.ts';

type Lists = Required<Pick<MapStatement, 'services' | 'dependencies' | 'codeRules'>>;
type Dependency = Lists['dependencies'][number];
type Service = Lists['services'][number];

/** What a document of another tool says, while it is read: what all importers do with it. */
export class DraftedMap {
  readonly #format: YamlFormat;
  readonly #workspaceId: string | null;
  readonly #said: Lists = { services: [], dependencies: [], codeRules: [] };

  /** @param workspaceId in which the code is that the document names; null: in each */
  constructor(format: YamlFormat, workspaceId: string | null) {
    this.#format = format;
    this.#workspaceId = workspaceId;
  }

  /** That the document cannot be read, and why. */
  readonly fail = (reason: string): SignalboxError => unreadable(this.#format, reason);

  /** @throws IMPORT_UNREADABLE where a part of the document is not as it should be */
  checked<Schema extends z.ZodType>(schema: Schema, part: unknown, what: string): z.output<Schema> {
    const parsed = schema.safeParse(part);
    if (parsed.success) return parsed.data;
    const [{ path, message } = { path: [], message: 'it is none' }] = parsed.error.issues;
    throw this.fail(`${what}: ${path.join('.') || 'it'}: ${message}`);
  }

  /** A service with what its labels say of it; what they say it depends on counts most, so they come after what is only found. */
  add(key: string, { criticality, team, dependsOn, paths, packages }: StatedFacts, more: Partial<Service> = {}): void {
    const said = { ...(criticality ? { criticality } : {}), ...(team === undefined ? {} : { team }) };
    this.#said.services.push({ key, ...more, ...said });
    for (const target of dependsOn) this.lead(key, target, 1);
    for (const pattern of paths) this.own(key, 'path', pattern);
    for (const pattern of packages) this.own(key, 'package', pattern);
  }

  /** That one depends on another; that it does on itself says nothing. @throws IMPORT_UNREADABLE */
  lead(source: string, target: string, confidence: number, more: Partial<Dependency> = {}): void {
    if (target !== source)
      this.#said.dependencies.push({ source, target: keyOf(target, this.fail), confidence, ...more });
  }

  own(service: string, kind: 'path' | 'package', pattern: string): void {
    this.#said.codeRules.push({ kind, service, pattern, workspaceId: this.#workspaceId });
  }

  statement(): MapStatement {
    return { discoverySource: this.#format, ...this.#said };
  }
}
