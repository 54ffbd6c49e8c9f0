import { z } from 'zod';

export const messageSchema = z.looseObject({ text: z.string().optional(), markdown: z.string().optional() });
const ruleSchema = z.looseObject({
  id: z.string(),
  name: z.string().optional(),
  shortDescription: messageSchema.optional(),
  fullDescription: messageSchema.optional(),
  help: messageSchema.optional(),
  defaultConfiguration: z.looseObject({ level: z.string().optional() }).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
});
export type Rule = z.infer<typeof ruleSchema>;

/** What finds: the tool itself, or what extends it, such as a pack of rules. */
const componentSchema = z.looseObject({
  name: z.string().min(1),
  guid: z.string().optional(),
  rules: z.array(ruleSchema).optional(),
});
type Component = z.infer<typeof componentSchema>;

export const toolSchema = z.looseObject({ driver: componentSchema, extensions: z.array(componentSchema).optional() });

const referenceSchema = z.looseObject({
  name: z.string().optional(),
  guid: z.string().optional(),
  index: z.int().min(-1).optional(),
});
const index = z.int().min(-1).optional();
/** How a result names its rule. */
export const ruleReference = {
  ruleId: z.string().optional(),
  ruleIndex: index,
  rule: z.looseObject({ id: z.string().optional(), index, toolComponent: referenceSchema.optional() }).optional(),
};
type Reference = z.infer<z.ZodObject<typeof ruleReference>>;

/** `rule/part` is a rule's part; nobody has more parts than this. */
const MOST_PARTS = 10;

/** The rules of a run, found without looking through all of them. */
export class SarifRules {
  readonly #driver: Component;
  readonly #extensions: readonly Component[];
  readonly #byId = new Map<string, Rule>();

  constructor({ driver, extensions = [] }: z.infer<typeof toolSchema>) {
    this.#driver = driver;
    this.#extensions = extensions;
    for (const { rules = [] } of [driver, ...extensions]) {
      for (const rule of rules) if (!this.#byId.has(rule.id)) this.#byId.set(rule.id, rule);
    }
  }

  /** The rule that a result is of, by its id, and what describes it. */
  of({ ruleId, ruleIndex, rule: named }: Reference): { id: string; rule: Rule | undefined } {
    const at = this.#component(named?.toolComponent)?.rules?.[ruleIndex ?? named?.index ?? -1];
    const id = ruleId ?? named?.id ?? at?.id ?? 'unknown';
    return { id, rule: at ?? this.#describing(id) };
  }

  #component(named: z.infer<typeof referenceSchema> | undefined): Component | undefined {
    if (!named) return this.#driver;
    const { index: place = -1, guid, name } = named;
    const all = [this.#driver, ...this.#extensions];
    return (
      this.#extensions[place] ??
      all.find((one) => (guid === undefined ? name !== undefined && one.name === name : one.guid === guid))
    );
  }

  #describing(id: string): Rule | undefined {
    let part = id;
    for (let n = 0; n < MOST_PARTS; n += 1) {
      const rule = this.#byId.get(part);
      const end = part.lastIndexOf('/');
      if (rule || end < 0) return rule;
      part = part.slice(0, end);
    }
    return undefined;
  }
}
