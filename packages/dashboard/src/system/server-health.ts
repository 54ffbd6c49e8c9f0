import { z } from 'zod';

/** What `/health` tells: a status, and components with a status each; some stand in groups (the roles). */
const documentSchema = z.looseObject({ status: z.string(), components: z.record(z.string(), z.unknown()).catch({}) });
const componentSchema = z.looseObject({ status: z.string() });

export interface ComponentHealth {
  name: string;
  status: string;
  /** What else is told of it, as text. */
  facts: string;
}

export interface ServerHealth {
  status: string;
  components: ComponentHealth[];
}

const GOOD = new Set(['ok', 'up', 'ready']);

export function isGood(status: string): boolean {
  return GOOD.has(status);
}

/** Reads the health document. @throws ZodError where it is none. */
export function parseHealth(document: unknown): ServerHealth {
  const { status, components } = documentSchema.parse(document);
  return { status, components: Object.entries(components).flatMap(([name, value]) => componentsOf(name, value)) };
}

function componentsOf(name: string, value: unknown): ComponentHealth[] {
  const component = componentSchema.safeParse(value);
  if (!component.success) {
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([part, inner]) => componentsOf(`${name}: ${part}`, inner));
  }
  const { status, ...rest } = component.data;
  const facts = Object.entries(rest).filter(([, fact]) => fact !== null);
  return [{ name, status, facts: facts.map(([key, fact]) => `${words(key)}: ${shown(fact)}`).join(' · ') }];
}

/** `latencyMs` → `latency ms`. */
function words(key: string): string {
  return key.replaceAll(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);
}

function shown(fact: unknown): string {
  if (typeof fact === 'number') return String(Math.round(fact * 100) / 100);
  return typeof fact === 'object' ? JSON.stringify(fact) : String(fact);
}
