import { z } from 'zod';
import type { MapStatement } from '../ingest/statement.ts';
import { keyOf, statedFacts } from './stated-facts.ts';
import { unreadable, yamlDocuments } from './yaml-documents.ts';

const entitySchema = z.looseObject({
  apiVersion: z.string().startsWith('backstage.io/'),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    title: z.string().optional(),
    annotations: z.record(z.string(), z.unknown()).nullish(),
  }),
  spec: z
    .looseObject({
      type: z.string().optional(),
      lifecycle: z.string().optional(),
      owner: z.string().optional(),
      system: z.string().optional(),
      dependsOn: z.array(z.string()).nullish(),
      dependencyOf: z.array(z.string()).nullish(),
      providesApis: z.array(z.string()).nullish(),
      consumesApis: z.array(z.string()).nullish(),
    })
    .nullish(),
});
type CatalogEntity = z.infer<typeof entitySchema>;

/** Somebody wrote it down; nobody checks whether it still holds. */
const DECLARED = 0.8;

/**
 * Components and resources of Backstage catalog files: what they say they depend on, and who provides the APIs that they consume.
 * Entities of other kinds are passed over. @throws IMPORT_UNREADABLE
 */
export function readBackstage(
  text: string,
  { workspaceId = null }: { workspaceId?: string | null } = {},
): MapStatement {
  const fail = (reason: string) => unreadable('backstage', reason);
  const entities = yamlDocuments('backstage', text).map((document, n): CatalogEntity => {
    const parsed = entitySchema.safeParse(document);
    if (parsed.success) return parsed.data;
    const [{ path, message } = { path: [], message: 'it is none' }] = parsed.error.issues;
    throw fail(`document ${n + 1}: ${path.join('.') || 'the entity'}: ${message}`);
  });
  if (entities.length === 0) throw fail('it holds no entities');
  const running = entities.filter(({ kind }) => kind === 'Component' || kind === 'Resource');
  const key = (reference: string, namespace: string | undefined) => keyOf(keyOfReference(reference, namespace), fail);
  const providers = new Map<string, string[]>();
  for (const { metadata, spec } of running) {
    for (const api of spec?.providesApis ?? []) {
      const name = key(api, metadata.namespace);
      providers.set(name, [...(providers.get(name) ?? []), key(metadata.name, metadata.namespace)]);
    }
  }
  const said = { services: [], dependencies: [], codeRules: [] } as Required<
    Pick<MapStatement, 'services' | 'dependencies' | 'codeRules'>
  >;
  for (const { kind, metadata, spec } of running) {
    const own = key(metadata.name, metadata.namespace);
    const {
      criticality,
      team = teamOf(spec?.owner),
      dependsOn,
      paths,
      packages,
    } = statedFacts(metadata.annotations ?? {}, fail);
    const { type, lifecycle, system } = spec ?? {};
    said.services.push({
      key: own,
      ...(metadata.title ? { name: metadata.title } : {}),
      ...(criticality ? { criticality } : {}),
      ...(team ? { team } : {}),
      metadata: JSON.parse(JSON.stringify({ kind, type, lifecycle, system })),
    });
    const lead = (source: string, target: string, more: object = {}) => {
      if (source !== target) said.dependencies.push({ source, target, confidence: DECLARED, ...more });
    };
    for (const target of [...(spec?.dependsOn ?? []), ...dependsOn]) lead(own, key(target, metadata.namespace));
    for (const source of spec?.dependencyOf ?? []) lead(key(source, metadata.namespace), own);
    for (const api of spec?.consumesApis ?? []) {
      const name = key(api, metadata.namespace);
      for (const provider of providers.get(name) ?? []) lead(own, provider, { protocol: 'api' });
    }
    for (const pattern of paths) said.codeRules.push({ kind: 'path', service: own, pattern, workspaceId });
    for (const pattern of packages) said.codeRules.push({ kind: 'package', service: own, pattern, workspaceId });
  }
  return { discoverySource: 'backstage', ...said };
}

/** `[kind:][namespace/]name`; the namespace stands in the key unless it is the default one. */
function keyOfReference(reference: string, ownNamespace = 'default'): string {
  const [, namespace = ownNamespace, name = ''] = /^(?:[^:/]+:)?(?:([^:/]+)\/)?([^:/]+)$/.exec(reference.trim()) ?? [];
  return namespace.toLowerCase() === 'default' ? name : `${namespace}/${name}`;
}

/** `group:default/money` is the team `money`. */
function teamOf(owner: string | undefined): string | undefined {
  return owner?.replace(/^(?:group|user):/i, '').replace(/^default\//, '') || undefined;
}
