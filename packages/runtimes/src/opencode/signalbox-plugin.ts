/**
 * The plugin of Signalbox inside OpenCode. OpenCode loads this file itself, in its own program: it therefore imports
 * nothing. Its hooks are awaited by each tool call, so a call waits here until our process has answered, and is refused
 * when our process cannot be asked: control that is gone must not look like consent.
 */
export interface SignalboxPluginOptions {
  /** Address of the hook endpoint of this run. */
  url: string;
  token: string;
  /** Laid over the environment of every shell the agent opens. */
  shellEnvironment: Record<string, string>;
}

interface ToolInput {
  tool: string;
  sessionID: string;
  callID: string;
}

/** Without ids, a person's own terminal. */
interface ShellInput {
  sessionID?: string;
  callID?: string;
}

/** Outputs beyond this length (characters) are told in part; the record has them whole from the event stream. */
const MAX_OUTPUT = 1_000_000;
const MAX_METADATA = 4_000_000;

export default async function signalbox(_input: unknown, options: unknown) {
  const { url, token, shellEnvironment } = options as SignalboxPluginOptions;

  async function ask(route: string, document: object): Promise<unknown> {
    let response: Response;
    try {
      // OpenCode's runtime ends a request after five minutes unless told otherwise; an approval may take longer.
      const request = {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify(document),
        timeout: false,
      };
      response = await fetch(`${url}${route}`, request);
    } catch (cause) {
      throw new Error('Refused: Signalbox, which decides about tool calls, cannot be reached.', { cause });
    }
    if (response.ok) return response.json();
    throw new Error(`Refused: Signalbox answered ${response.status} when asked about this tool call.`);
  }

  await ask('/ready', {});

  return {
    'tool.execute.before': async (input: ToolInput, output: { args?: unknown }) => {
      const decision = await ask('/tool-before', { ...identify(input), arguments: asObject(output.args) });
      const refusal = refusalIn(decision);
      if (refusal !== null) throw new Error(refusal);
      const { arguments: edited } = asObject(decision);
      if (edited !== undefined) replace(output.args, asObject(edited));
    },
    'tool.execute.after': async (input: ToolInput & { args?: unknown }, output: Record<string, unknown>) => {
      await ask('/tool-after', {
        ...identify(input),
        arguments: asObject(input.args),
        title: typeof output.title === 'string' ? output.title : null,
        output: textOf(output).slice(0, MAX_OUTPUT),
        metadata: bounded(asObject(output.metadata)),
      });
    },
    'shell.env': async ({ sessionID, callID }: ShellInput, output: { env: Record<string, string> }) => {
      Object.assign(output.env, shellEnvironment);
      if (sessionID === undefined || callID === undefined) return;
      const answer = await ask('/shell', { sessionId: sessionID, callId: callID });
      Object.assign(output.env, asObject(asObject(answer).environment));
    },
  };
}

function identify(input: ToolInput) {
  return { tool: input.tool, sessionId: input.sessionID, callId: input.callID };
}

/** Tools of MCP servers answer with a list of contents, all others with a text. */
function textOf(output: Record<string, unknown>): string {
  return typeof output.output === 'string' ? output.output : JSON.stringify(output.content ?? null);
}

/** In place: OpenCode goes on with the object that it handed over. */
function replace(args: unknown, edited: Record<string, unknown>): void {
  if (typeof args !== 'object' || args === null) throw new Error('Refused: the arguments cannot be replaced.');
  for (const name of Object.keys(args)) Reflect.deleteProperty(args, name);
  Object.assign(args, edited);
}

function bounded(metadata: Record<string, unknown>): Record<string, unknown> {
  return JSON.stringify(metadata).length > MAX_METADATA ? { omitted: 'too large' } : metadata;
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** Why the call may not go on; null only for the one answer that allows it. */
function refusalIn(decision: unknown): string | null {
  const { decision: word, reason } = asObject(decision);
  if (word === 'allow') return null;
  return typeof reason === 'string' ? reason : 'Refused: Signalbox gave no reason.';
}
