import type { Client, CreateSession, RuntimeInfo, Session } from '@signalbox/client';
import { commandWords } from './command-words.ts';

/** What the form of a new session holds. */
export interface NewSessionForm {
  title: string;
  prompt: string;
  runtime: string;
  /** Path on the server's machine; an existing workspace's or a new one's. */
  workspacePath: string;
  command: string;
  priority: string;
  maxMinutes: number;
  start: boolean;
}

export const EMPTY_FORM: NewSessionForm = {
  title: '',
  prompt: '',
  runtime: 'command',
  workspacePath: '',
  command: '',
  priority: '2',
  maxMinutes: 60,
  start: true,
};

export type FormErrors = { [Field in keyof NewSessionForm]?: string };

/** What is missing or cannot be, by field. The server has the last word; this only spares the way there. */
export function formErrors(form: NewSessionForm): FormErrors {
  const errors: FormErrors = {};
  const words = form.runtime === 'command' ? wordsOf(form.command) : [];
  if (form.title.trim() === '') errors.title = 'Say in a few words what is to be done.';
  if (words instanceof Error) errors.command = words.message;
  else if (form.runtime === 'command' && words.length === 0) errors.command = 'Give the command to run.';
  if (form.runtime !== 'command' && form.prompt.trim() === '') errors.prompt = 'Tell the agent what to do.';
  if (form.workspacePath.trim() === '') errors.workspacePath = 'Choose where it works.';
  return errors;
}

/** Creates the session, and its workspace where the path is a new one. Throws what the client throws. */
export async function createFromForm(
  client: Client,
  form: NewSessionForm,
  known: readonly { id: string; path: string }[],
): Promise<Session> {
  const path = form.workspacePath.trim();
  const workspace = known.find((each) => each.path === path) ?? (await client.workspaces.create({ path }));
  const isCommand = form.runtime === 'command';
  const session: CreateSession = {
    title: form.title,
    initialPrompt: form.prompt.trim() === '' ? form.command : form.prompt,
    runtime: form.runtime as NonNullable<CreateSession['runtime']>,
    workspaceId: workspace.id,
    priority: Number(form.priority),
    limits: { maxDurationSeconds: form.maxMinutes * 60 },
    start: form.start,
    ...(isCommand ? { command: commandWords(form.command) } : {}),
  };
  return client.sessions.create(session);
}

/** How a runtime is offered: with why it cannot be chosen where it cannot run. */
export function runtimeChoices(runtimes: readonly RuntimeInfo[] | undefined) {
  if (runtimes === undefined) return [{ value: 'command', label: 'command', disabled: false }];
  return runtimes.map(({ name, available, reason }) => ({
    value: name,
    label: available ? name : `${name}: ${reason ?? 'not available'}`,
    disabled: !available,
  }));
}

function wordsOf(line: string): string[] | Error {
  try {
    return commandWords(line);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
