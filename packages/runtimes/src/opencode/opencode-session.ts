import type { OpencodeClient } from '@opencode-ai/sdk/v2/client';
import { type RuntimeSessionRef, SignalboxError } from '@signalbox/core';
import { z } from 'zod';
import type { OpencodeAgentConfig } from './opencode-config.ts';
import { askInsteadOfAllow, type PermissionRule } from './permission-rules.ts';

const ruleSchema = z.object({
  permission: z.string(),
  pattern: z.string(),
  action: z.enum(['allow', 'deny', 'ask']),
});
const agentsSchema = z.array(
  z.looseObject({
    name: z.string(),
    mode: z.string(),
    hidden: z.boolean().optional(),
    permission: z.array(ruleSchema),
  }),
);
const sessionSchema = z.looseObject({ id: z.string(), directory: z.string() });
const messagesSchema = z.array(z.looseObject({ info: z.looseObject({ id: z.string() }) }));

const DEFAULT_AGENT = 'build';
const TITLE_LENGTH = 80;

export interface OpenedSession {
  id: string;
  agent: string;
  /** Ids of the messages that were there before. */
  earlierMessages: string[];
  /** What it goes on from, where it is a fork. */
  forkedFrom: string | null;
}

export interface SessionRequest {
  client: OpencodeClient;
  workspacePath: string;
  prompt: string;
  settings: OpencodeAgentConfig;
  resumeFrom: RuntimeSessionRef | null;
  /** Where OpenCode keeps what is its own, outputs that were cut off among it. */
  ownDirectory: string;
}

/**
 * Opens the session of OpenCode in which a run works: a new one, the one it continues, or a fork of that; with rules under
 * which everything that has an effect is asked for.
 *
 * @throws SignalboxError `RUNTIME_FAILED` for an agent, a session or a message that OpenCode does not know.
 */
export async function openSession(request: SessionRequest): Promise<OpenedSession> {
  const { client, settings, resumeFrom } = request;
  const agents = agentsSchema.parse(answered('its agents', await client.app.agents()));
  const agent = chooseAgent(agents, settings.agent);
  const permission = askInsteadOfAllow(agent.permission, request.ownDirectory);
  if (!resumeFrom) {
    // A title of ours: OpenCode would ask a model for one otherwise.
    const title = request.prompt.trim().split('\n')[0]?.slice(0, TITLE_LENGTH).toWellFormed() || 'Signalbox';
    const session = sessionSchema.parse(answered('a new session', await client.session.create({ title, permission })));
    return { id: session.id, agent: agent.name, earlierMessages: [], forkedFrom: null };
  }
  const continued = await continueSession(request, resumeFrom, permission);
  const history = await messagesOf(client, continued.id);
  return { ...continued, agent: agent.name, earlierMessages: history };
}

async function continueSession(request: SessionRequest, from: RuntimeSessionRef, permission: PermissionRule[]) {
  const { client } = request;
  const sessionID = from.runtimeSessionId;
  const session = sessionSchema.parse(answered(`the session ${sessionID}`, await client.session.get({ sessionID })));
  // A session belongs to its directory, and so does a fork of it; for another one the fork is moved there.
  const elsewhere = session.directory !== request.workspacePath;
  const fork = from.messageId !== null || elsewhere;
  const id = fork ? await forkSession(client, sessionID, from.messageId) : session.id;
  if (elsewhere) await moveSession(client, id, request.workspacePath);
  answered('new permissions', await client.session.update({ sessionID: id, permission }));
  return { id, forkedFrom: fork ? sessionID : null };
}

/** OpenCode forks in front of a message; we say behind which. */
async function forkSession(client: OpencodeClient, sessionID: string, behind: string | null): Promise<string> {
  let messageID: string | undefined;
  if (behind !== null) {
    const messages = await messagesOf(client, sessionID);
    const position = messages.indexOf(behind);
    if (position < 0) throw failed(`its session ${sessionID} has no message ${behind}`);
    messageID = messages[position + 1];
  }
  const fork = await client.session.fork({ sessionID, ...(messageID ? { messageID } : {}) });
  return sessionSchema.parse(answered(`a fork of ${sessionID}`, fork)).id;
}

/** Without it the run would work in the directory of the session that it goes on from. */
async function moveSession(client: OpencodeClient, sessionID: string, directory: string): Promise<void> {
  const destination = { directory };
  const moved = await client.experimental.controlPlane.moveSession({ sessionID, destination, moveChanges: false });
  const session = sessionSchema.parse(answered(`the session ${sessionID}`, await client.session.get({ sessionID })));
  if (session.directory === directory) return;
  const said = moved.error === undefined ? 'it stayed' : JSON.stringify(moved.error);
  throw failed(`its session of ${session.directory} cannot be continued in ${directory}: ${said}`);
}

async function messagesOf(client: OpencodeClient, sessionID: string): Promise<string[]> {
  const messages = answered(`the messages of ${sessionID}`, await client.session.messages({ sessionID }));
  return messagesSchema.parse(messages).map(({ info }) => info.id);
}

function chooseAgent(agents: z.infer<typeof agentsSchema>, name: string | undefined) {
  const primary = agents.filter((agent) => agent.mode !== 'subagent' && !agent.hidden);
  const chosen = name
    ? agents.find((agent) => agent.name === name)
    : (primary.find((agent) => agent.name === DEFAULT_AGENT) ?? primary[0]);
  if (chosen) return chosen;
  throw failed(`it has no agent "${name ?? DEFAULT_AGENT}"; known: ${agents.map((agent) => agent.name).join(', ')}`);
}

/** The data of an answer of the server, or an error that says what was asked for. */
export function answered(what: string, result: { data?: unknown; error?: unknown; response?: Response }): unknown {
  if (result.error === undefined && result.data !== undefined) return result.data;
  const { error } = result;
  const said = error instanceof Error ? error.message : JSON.stringify(error ?? 'nothing');
  throw failed(`it did not give ${what} (status ${result.response?.status ?? 'unknown'}): ${said.slice(0, 500)}`);
}

function failed(reason: string): SignalboxError {
  return new SignalboxError('RUNTIME_FAILED', { runtime: 'opencode', reason });
}
