// Written by `signalbox connect opencode`; `signalbox disconnect opencode` takes it away again.
// It tells Signalbox of the sessions that are started here, and asks before each tool call. Whatever goes wrong on the way
// stops nobody: only a refusal does.
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** How the program is started that does the telling. */
const [PROGRAM, ...WORDS] = ['signalbox', 'hook', 'opencode'];
/** Characters of a result that are told. */
const LONGEST_OUTPUT = 200_000;
const LONGEST_METADATA = 1_000_000;
/** Events that are told as they are. */
const NOTED = ['permission.asked', 'permission.replied', 'session.compacted'];

export default async function signalbox({ client }) {
  // A run of Signalbox's own reports by itself.
  if (process.env.SIGNALBOX_RUN_ID) return {};
  const directory = dirname(fileURLToPath(import.meta.url));
  /** The conversations of people, by their sessions' ids; those of subagents belong to the ones that started them. */
  const turns = new Map();
  const parents = new Map();
  const calls = new Map();
  const uses = new Map();
  const metered = new Set();
  const queue = [];
  let telling = null;

  /** Tells of an event, in its order; resolves when all has been told. */
  function tell(conversation, event) {
    queue.push({ conversation, directory, event });
    telling ??= drain();
    return telling;
  }

  async function drain() {
    while (queue.length > 0) {
      // What is said at the same moment goes together.
      await Promise.resolve();
      await told(queue.splice(0));
    }
    telling = null;
  }

  /** Asks about a call, once all that happened before is told. Null where nothing stands against it. */
  async function ask(conversation, event) {
    await telling;
    const answer = await told([{ conversation, directory, event }]);
    return answer.trim() === '' ? null : JSON.parse(answer);
  }

  /** What was answered; nothing where they could not be told. */
  async function told(events) {
    try {
      return await outcome(start(events));
    } catch (error) {
      complain(`Signalbox cannot be told: ${error.message}`);
      return '';
    }
  }

  /** Its input comes from a file: so it needs nobody any more, should OpenCode end meanwhile. */
  function start(events) {
    const folder = mkdtempSync(join(tmpdir(), 'signalbox-event-'));
    const file = join(folder, 'events');
    writeFileSync(file, events.map((event) => `${JSON.stringify(event)}\n`).join(''), { mode: 0o600 });
    const input = openSync(file, 'r');
    try {
      return spawn(PROGRAM, WORDS, { stdio: [input, 'pipe', 'pipe'], detached: true });
    } finally {
      closeSync(input);
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** What it printed. */
  function outcome(child) {
    return new Promise((resolve, reject) => {
      let text = '';
      let said = '';
      child.stdout?.setEncoding('utf8').on('data', (piece) => {
        text += piece;
      });
      child.stderr?.setEncoding('utf8').on('data', (piece) => {
        said += piece;
      });
      child.once('error', reject);
      child.once('close', () => {
        if (said.trim() !== '') complain(said.trim());
        resolve(text);
      });
    });
  }

  /** Into OpenCode's own log: the terminal is its own, so where that cannot be reached there is nobody left to tell. */
  function complain(message) {
    client.app.log({ body: { service: 'signalbox', level: 'warn', message } }).catch(() => undefined);
  }

  /**
   * The conversation of a session; asks OpenCode where it was begun by another process. One that cannot be looked up stands for
   * itself this once, and is looked up again the next time.
   */
  async function conversationOf(session) {
    let id = session;
    for (;;) {
      if (!parents.has(id)) {
        const found = await client.session.get({ path: { id } }).catch((error) => ({ error }));
        if (!found.data) {
          complain(`Signalbox cannot tell whose session ${id} is: ${found.error?.message ?? found.error?.name}`);
          return id;
        }
        parents.set(id, found.data.parentID ?? null);
      }
      const parent = parents.get(id);
      if (parent === null) return id;
      id = parent;
    }
  }

  /** The same of what is known; null where nothing is. */
  function knownConversationOf(session) {
    let id = session;
    while (parents.get(id)) id = parents.get(id);
    return parents.has(id) ? id : null;
  }

  function leave() {
    for (const [conversation, turn] of turns) {
      if (turn.active) queue.push({ conversation, directory, event: { type: 'closed', reason: 'exit' } });
      turn.active = false;
    }
    if (queue.length > 0) start(queue.splice(0)).once('error', () => undefined);
    process.off('exit', leave);
  }
  process.once('exit', leave);

  function toolOver(key, call, event) {
    calls.delete(key);
    const { callId, tool, given } = call;
    return tell(call.conversation, {
      type: 'tool_after',
      callId,
      tool,
      arguments: given,
      durationMs: null,
      background: false,
      metadata: {},
      ...event,
    });
  }

  function toolFailed({ sessionID, callID, state }) {
    const key = `${sessionID} ${callID}`;
    const call = calls.get(key);
    // What completed has been told by its hook, which OpenCode waits for.
    if (state.status === 'error' && call)
      toolOver(key, call, { status: call.refused ? 'denied' : 'error', output: String(state.error) });
  }

  function textCame({ sessionID, messageID, id, text, synthetic }) {
    const turn = turns.get(sessionID);
    if (!turn || synthetic || messageID === turn.promptId) return;
    if (turn.answerId !== messageID) Object.assign(turn, { answerId: messageID, answer: new Map() });
    turn.answer.set(id, text);
  }

  function modelAnswered({ id, sessionID, role, time, tokens, cost, providerID, modelID }) {
    const conversation = knownConversationOf(sessionID);
    if (role !== 'assistant' || time.completed === undefined || conversation === null || metered.has(id)) return;
    metered.add(id);
    const count = (number) => Math.max(0, Math.round(number ?? 0));
    tell(conversation, {
      type: 'usage',
      model: `${providerID}/${modelID}`,
      inputTokens: count(tokens.input),
      outputTokens: count(tokens.output),
      reasoningTokens: count(tokens.reasoning),
      cacheReadTokens: count(tokens.cache?.read),
      cacheWriteTokens: count(tokens.cache?.write),
      // It reckons nothing where it does not know the price.
      costUsd: cost > 0 ? cost : null,
    });
  }

  function failed({ sessionID, error }) {
    const turn = turns.get(sessionID);
    if (turn)
      turn.failure =
        error?.name === 'MessageAbortedError' ? 'interrupted' : (error?.data?.message ?? error?.name ?? 'unknown');
  }

  function turnEnded(conversation) {
    const turn = turns.get(conversation);
    if (!turn?.active) return;
    turn.active = false;
    if (turn.failure === 'interrupted') return tell(conversation, { type: 'closed', reason: 'interrupted' });
    const message = [...turn.answer.values()].join('\n').trim() || null;
    tell(conversation, { type: 'turn_ended', message, failure: turn.failure });
  }

  const heard = {
    'session.created': ({ info }) => parents.set(info.id, info.parentID ?? null),
    'message.part.updated': ({ part }) => {
      if (part.type === 'tool') toolFailed(part);
      if (part.type === 'text') textCame(part);
    },
    'message.updated': ({ info }) => modelAnswered(info),
    'session.error': failed,
    'session.idle': ({ sessionID }) => turnEnded(sessionID),
  };

  return {
    'chat.message': async ({ sessionID, agent, model }, { message, parts }) => {
      const conversation = await conversationOf(sessionID);
      // What a subagent is asked for stands in the call that started it.
      if (conversation !== sessionID) return;
      if (!turns.has(conversation)) {
        const used = model ?? message.model;
        const named = used ? `${used.providerID}/${used.modelID}` : null;
        tell(conversation, { type: 'opened', model: named, detail: { agent: agent ?? message.agent ?? null } });
      }
      turns.set(conversation, { active: true, promptId: message.id, answerId: null, answer: new Map(), failure: null });
      const text = parts.flatMap((part) => (part.type === 'text' && !part.synthetic ? [part.text] : [])).join('\n');
      await tell(conversation, { type: 'prompt', text });
    },
    'tool.execute.before': async ({ tool, sessionID, callID }, output) => {
      const conversation = await conversationOf(sessionID);
      const key = `${sessionID} ${callID}`;
      // Some models use an id again.
      const use = (uses.get(callID) ?? 0) + 1;
      uses.set(callID, use);
      const callId = use === 1 ? callID : `${callID}#${use}`;
      const call = { conversation, callId, tool, given: { ...output.args }, refused: false };
      calls.set(key, call);
      const verdict = await ask(conversation, { type: 'tool_before', callId, tool, arguments: call.given });
      if (verdict === null) return;
      if (verdict.decision !== 'allow') {
        call.refused = true;
        throw new Error(verdict.reason ?? 'Refused by Signalbox.');
      }
      if (!verdict.arguments) return;
      call.given = verdict.arguments;
      // In place: OpenCode goes on with the object that it handed over.
      for (const name of Object.keys(output.args)) delete output.args[name];
      Object.assign(output.args, verdict.arguments);
    },
    'tool.execute.after': async ({ sessionID, callID }, output) => {
      const key = `${sessionID} ${callID}`;
      const call = calls.get(key);
      if (!call) return;
      // Tools of MCP servers answer with a list of contents, all others with a text.
      const text = typeof output.output === 'string' ? output.output : JSON.stringify(output.content ?? null);
      const metadata = JSON.stringify(output.metadata ?? {}).length > LONGEST_METADATA ? {} : (output.metadata ?? {});
      await toolOver(key, call, { status: 'completed', output: text.slice(0, LONGEST_OUTPUT), metadata });
    },
    event: async ({ event }) => {
      try {
        heard[event.type]?.(event.properties);
      } catch (error) {
        complain(`Signalbox does not understand ${event.type}: ${error.message}`);
      }
      const conversation = NOTED.includes(event.type) ? knownConversationOf(event.properties.sessionID) : null;
      if (conversation === null) return;
      const phase = `opencode.${event.type.replace('.', '_')}`;
      tell(conversation, { type: 'noted', phase, detail: event.properties });
    },
    dispose: async () => leave(),
  };
}
