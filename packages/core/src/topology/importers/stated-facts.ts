import type { z } from 'zod';
import type { SignalboxError } from '../../platform/errors/index.ts';
import { criticalitySchema, serviceKeySchema } from '../terms.ts';

/** What labels and annotations of a document may say of a service. */
export interface StatedFacts {
  criticality?: z.infer<typeof criticalitySchema>;
  team?: string;
  dependsOn: string[];
  paths: string[];
  packages: string[];
}

/** @param fail makes the error. @throws what `fail` makes for a criticality that is none */
export function statedFacts(
  labels: Readonly<Record<string, unknown>>,
  fail: (reason: string) => SignalboxError,
): StatedFacts {
  const text = (name: string) => {
    const value = labels[`signalbox.dev/${name}`];
    return value === undefined || value === null ? undefined : String(value).trim() || undefined;
  };
  const list = (name: string) => (text(name) ?? '').split(',').flatMap((item) => item.trim() || []);
  const stated = text('criticality');
  const criticality = criticalitySchema.safeParse(stated);
  if (stated !== undefined && !criticality.success) {
    throw fail(`signalbox.dev/criticality is "${stated}", not ${criticalitySchema.options.join(', ')}`);
  }
  const team = text('team');
  return {
    ...(criticality.success ? { criticality: criticality.data } : {}),
    ...(team === undefined ? {} : { team }),
    dependsOn: list('depends-on'),
    paths: list('paths'),
    packages: list('packages'),
  };
}

/** A name as the key of a service. @throws what `fail` makes where it can be none */
export function keyOf(name: unknown, fail: (reason: string) => SignalboxError): string {
  const key = serviceKeySchema.safeParse(name);
  if (!key.success) throw fail(`${JSON.stringify(name) ?? 'nothing'} is no name of a service`);
  return key.data;
}
