import semver from 'semver';
import { z } from 'zod';

/** Something an agent can do. A version is a semantic one; null says nothing about versions. */
export const capabilitySchema = z.strictObject({
  name: z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9_.:/+-]{0,63}$/),
  version: z
    .string()
    .max(32)
    .refine((version) => semver.valid(version) !== null, 'must be a semantic version, as 1.2.3')
    .nullable(),
});
export type Capability = z.infer<typeof capabilitySchema>;

/** As callers may give it: `name`, `name@1.2.3`, or `{name, version}`. */
const givenSchema = z.union([
  z.string().transform((text) => {
    const at = text.indexOf('@');
    return at < 0 ? { name: text, version: null } : { name: text.slice(0, at), version: text.slice(at + 1) };
  }),
  z.strictObject({ name: z.string(), version: z.string().nullable().default(null) }),
]);

/** Capabilities of one agent, each name once, sorted by name (COORD-10). */
export const capabilitiesSchema = z
  .array(givenSchema.pipe(capabilitySchema))
  .max(200)
  .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'must not name a capability twice')
  .transform((all) => all.toSorted((a, b) => (a.name < b.name ? -1 : 1)));

/** Whether something among `capabilities` is what a task requires: `name`, or `name@range` of versions (COORD-23). */
export function satisfies(capabilities: readonly Capability[], requirement: string): boolean {
  const at = requirement.indexOf('@');
  const name = at < 0 ? requirement : requirement.slice(0, at);
  const found = capabilities.find((capability) => capability.name === name);
  if (!found) return false;
  if (at < 0) return true;
  // A prerelease of 2.0.0 is not 2.0.0: ranges mean what they mean to npm.
  return found.version !== null && semver.satisfies(found.version, requirement.slice(at + 1));
}

export function satisfiesAll(capabilities: readonly Capability[], required: readonly string[]): boolean {
  return required.every((requirement) => satisfies(capabilities, requirement));
}

/** Whether any of the capabilities could answer a requirement with a range. */
export function hasVersions(capabilities: readonly Capability[]): boolean {
  return capabilities.some(({ version }) => version !== null);
}
