import { z } from 'zod';
import type { SignalboxError } from '../../platform/errors/index.ts';
import type { MapStatement } from '../ingest/statement.ts';
import { DraftedMap } from './drafted-map.ts';
import { namedHosts } from './named-hosts.ts';
import { keyOf, statedFacts } from './stated-facts.ts';
import { yamlDocuments } from './yaml-documents.ts';

const texts = z.record(z.string(), z.unknown()).nullish();
const metadataSchema = z.looseObject({
  name: z.string(),
  namespace: z.string().nullish(),
  labels: texts,
  annotations: texts,
});
const containerSchema = z.looseObject({
  env: z
    .array(
      z.looseObject({
        value: z.union([z.string(), z.number(), z.boolean()]).nullish(),
        valueFrom: z
          .looseObject({ configMapKeyRef: z.looseObject({ name: z.string(), key: z.string() }).nullish() })
          .nullish(),
      }),
    )
    .nullish(),
  envFrom: z.array(z.looseObject({ configMapRef: z.looseObject({ name: z.string() }).nullish() })).nullish(),
});
const podSchema = z.looseObject({
  metadata: z.looseObject({ labels: texts }).nullish(),
  spec: z.looseObject({ containers: z.array(containerSchema), initContainers: z.array(containerSchema).nullish() }),
});
type Pod = z.infer<typeof podSchema>;
const objectSchema = z.looseObject({ apiVersion: z.string(), kind: z.string() });
const templated = z.looseObject({ metadata: metadataSchema, spec: z.looseObject({ template: podSchema }) });
const named = z.looseObject({ metadata: metadataSchema });

const WORKLOADS = /^(Deployment|StatefulSet|DaemonSet|ReplicaSet|Job)$/;
/** What the environment of a container has the address of, it most likely calls. */
const ADDRESSED = 0.8;

interface Workload {
  key: string;
  namespace: string;
  labels: Record<string, unknown>;
  annotations: Record<string, unknown>;
  pod: Pod;
}

/**
 * Workloads of Kubernetes manifests. A service goes by `app.kubernetes.io/name`, else by the name of its workload. What its containers'
 * environment, also by way of config maps, has addresses of, it depends on: addresses are resolved by the Services of the same text,
 * and `name.namespace.svc` also without. Objects of other kinds are passed over. @throws IMPORT_UNREADABLE
 */
export function readKubernetes(
  text: string,
  { workspaceId = null }: { workspaceId?: string | null } = {},
): MapStatement {
  const map = new DraftedMap('kubernetes', workspaceId);
  const workloads: Workload[] = [];
  const addresses: { name: string; namespace: string; selector: Record<string, unknown> }[] = [];
  const configMaps = new Map<string, Record<string, unknown>>();
  const objects = yamlDocuments('kubernetes', text).flatMap((document) => itemsOf(document));
  objects.forEach((object, n) => {
    const read = <Schema extends z.ZodType>(schema: Schema) => map.checked(schema, object, `object ${n + 1}`);
    const { kind } = read(objectSchema);
    if (WORKLOADS.test(kind)) {
      const { metadata, spec } = read(templated);
      workloads.push(workload(metadata, spec.template, map.fail));
    } else if (kind === 'CronJob') {
      const { metadata, spec } = read(
        z.looseObject({
          metadata: metadataSchema,
          spec: z.looseObject({ jobTemplate: z.looseObject({ spec: z.looseObject({ template: podSchema }) }) }),
        }),
      );
      workloads.push(workload(metadata, spec.jobTemplate.spec.template, map.fail));
    } else if (kind === 'Pod') {
      workloads.push(workload(read(named).metadata, read(podSchema), map.fail));
    } else if (kind === 'Service') {
      const { metadata, spec } = read(named.extend({ spec: z.looseObject({ selector: texts }).nullish() }));
      addresses.push({
        name: metadata.name,
        namespace: metadata.namespace ?? 'default',
        selector: spec?.selector ?? {},
      });
    } else if (kind === 'ConfigMap') {
      const { metadata, data } = read(named.extend({ data: texts }));
      configMaps.set(`${metadata.namespace ?? 'default'}/${metadata.name}`, data ?? {});
    }
  });
  if (objects.length === 0) throw map.fail('it holds no objects');

  const byAddress = new Map<string, string>();
  for (const { key, namespace, pod } of workloads) {
    for (const address of addresses) {
      const pairs = Object.entries(address.selector);
      const labels = pod.metadata?.labels ?? {};
      if (
        address.namespace === namespace &&
        pairs.length > 0 &&
        pairs.every(([name, value]) => labels[name] === value)
      ) {
        byAddress.set(`${namespace}/${address.name}`, key);
      }
    }
  }
  for (const { key: source, namespace, annotations, labels, pod } of workloads) {
    for (const value of settingsOf(pod, namespace, configMaps)) {
      for (const { host, protocol, mode } of namedHosts(value)) {
        const target = serviceAt(host, namespace, byAddress);
        if (target !== null) map.lead(source, target, ADDRESSED, { protocol, mode });
      }
    }
    map.add(source, statedFacts({ ...labels, ...annotations }, map.fail));
  }
  return map.statement();
}

function itemsOf(document: unknown): unknown[] {
  const list = z.looseObject({ kind: z.string().endsWith('List'), items: z.array(z.unknown()) }).safeParse(document);
  return list.success ? list.data.items : [document];
}

function workload(
  metadata: z.infer<typeof metadataSchema>,
  pod: Pod,
  fail: (reason: string) => SignalboxError,
): Workload {
  const { name, namespace, labels, annotations } = metadata;
  const key = keyOf(labels?.['app.kubernetes.io/name'] ?? name, fail);
  return { key, namespace: namespace ?? 'default', labels: labels ?? {}, annotations: annotations ?? {}, pod };
}

function settingsOf({ spec }: Pod, namespace: string, maps: ReadonlyMap<string, Record<string, unknown>>): string[] {
  const ofMap = (name: string | undefined) => maps.get(`${namespace}/${name}`) ?? {};
  return [...spec.containers, ...(spec.initContainers ?? [])].flatMap(({ env, envFrom }) => [
    ...(env ?? []).map(({ value, valueFrom }) => {
      const from = valueFrom?.configMapKeyRef;
      return String(value ?? (from ? ofMap(from.name)[from.key] : undefined) ?? '');
    }),
    ...(envFrom ?? []).flatMap(({ configMapRef }) => Object.values(ofMap(configMapRef?.name)).map(String)),
  ]);
}

/** `name`, `name.namespace` and `name.namespace.svc…`; null for what no Service is known at, as hosts outside of the cluster. */
function serviceAt(host: string, ownNamespace: string, byAddress: ReadonlyMap<string, string>): string | null {
  const [name = '', namespace = ownNamespace, svc] = host.split('.');
  const known = byAddress.get(`${namespace}/${name}`);
  if (known !== undefined && (svc === undefined || svc === 'svc')) return known;
  return svc === 'svc' ? name : null;
}
