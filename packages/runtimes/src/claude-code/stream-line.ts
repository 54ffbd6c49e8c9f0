import { z } from 'zod';

const usage = z.looseObject({
  input_tokens: z.number().default(0),
  output_tokens: z.number().default(0),
  cache_creation_input_tokens: z.number().nullish(),
  cache_read_input_tokens: z.number().nullish(),
});
export type StreamUsage = z.infer<typeof usage>;

const content = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('text'), text: z.string() }),
  z.looseObject({ type: z.literal('thinking'), thinking: z.string() }),
  z.looseObject({
    type: z.literal('tool_use'),
    id: z.string(),
    name: z.string(),
    input: z.record(z.string(), z.unknown()),
  }),
]);
const toolResult = z.looseObject({
  type: z.literal('tool_result'),
  tool_use_id: z.string(),
  content: z.unknown(),
  is_error: z.boolean().optional(),
});

/** Lines of `--output-format stream-json` that are read; there are more, and more come with each release. */
export const streamLineSchema = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('system'),
    subtype: z.string(),
    session_id: z.string().optional(),
    model: z.string().optional(),
    claude_code_version: z.string().optional(),
  }),
  z.looseObject({
    type: z.literal('assistant'),
    uuid: z.string(),
    message: z.looseObject({
      id: z.string(),
      model: z.string().optional(),
      content: z.array(z.unknown()),
      usage: usage.optional(),
    }),
  }),
  z.looseObject({
    type: z.literal('user'),
    uuid: z.string().optional(),
    message: z.looseObject({ content: z.union([z.string(), z.array(z.unknown())]) }),
  }),
  z.looseObject({
    type: z.literal('result'),
    subtype: z.string(),
    is_error: z.boolean().default(false),
    result: z.string().optional(),
    errors: z.array(z.string()).optional(),
    session_id: z.string().optional(),
    num_turns: z.number().optional(),
    total_cost_usd: z.number().nonnegative().optional(),
    usage: usage.optional(),
  }),
]);
export type StreamLine = z.infer<typeof streamLineSchema>;

export type ContentBlock = z.infer<typeof content>;
export type ToolResultBlock = z.infer<typeof toolResult>;

/** Blocks that are understood; of others nothing is told. */
export function contentBlocks(blocks: readonly unknown[]): ContentBlock[] {
  return blocks.flatMap((block) => content.safeParse(block).data ?? []);
}

export function toolResults(blocks: readonly unknown[]): ToolResultBlock[] {
  return blocks.flatMap((block) => toolResult.safeParse(block).data ?? []);
}

/** Null for what is no event that is read. */
export function readStreamLine(line: string): StreamLine | null {
  let given: unknown;
  try {
    given = JSON.parse(line);
  } catch {
    return null;
  }
  return streamLineSchema.safeParse(given).data ?? null;
}
