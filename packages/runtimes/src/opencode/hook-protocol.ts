import { z } from 'zod';

/**
 * What the plugin inside OpenCode and the endpoint in our process say to each other: JSON over loopback HTTP, with a
 * bearer token that is valid for one run. Every call is a POST and is awaited by the tool call it is about.
 *
 * - `ready`: the plugin is loaded → `{}`
 * - `tool-before`: a tool is about to run → a `ToolDecision`
 * - `shell`: a tool opens a shell → `{environment}`, to be laid over the shell's
 * - `tool-after`: it ran → `{}`
 */
export const HOOK_ROUTES = { ready: '/ready', before: '/tool-before', shell: '/shell', after: '/tool-after' } as const;

const ofCall = { sessionId: z.string().min(1), callId: z.string().min(1) };
const identified = { ...ofCall, tool: z.string() };
const jsonObject = z.record(z.string(), z.unknown());

export const toolBeforeSchema = z.object({ ...identified, arguments: jsonObject });
export type ToolBeforeHook = z.infer<typeof toolBeforeSchema>;

export const shellSchema = z.object(ofCall);
export type ShellHook = z.infer<typeof shellSchema>;

export const toolAfterSchema = z.object({
  ...identified,
  arguments: jsonObject,
  title: z.string().nullable(),
  output: z.string(),
  metadata: jsonObject,
});
export type ToolAfterHook = z.infer<typeof toolAfterSchema>;
