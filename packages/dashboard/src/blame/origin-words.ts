import type { BlamedLine } from '@signalbox/client';

/** The same in a word or two, where nobody's session it is. */
export const SHORT_ORIGINS: Readonly<Record<NonNullable<BlamedLine['attribution']> | 'before', string>> = {
  tool_call: 'a session',
  window: 'a session',
  external: 'nobody here',
  ambiguous: 'one of several',
  vcs: 'git',
  undo: 'an undo',
  before: 'from before',
};

/** How it is known whose a line is; `before`: nothing is known of it. */
export const ORIGIN_WORDS: Readonly<Record<NonNullable<BlamedLine['attribution']> | 'before', string>> = {
  tool_call: 'A tool call that named this file',
  window: 'The only tool call that ran meanwhile',
  external: 'Nobody here: a person, or another program',
  ambiguous: 'One of several tool calls that ran meanwhile',
  vcs: 'Git: a commit, a checkout, a pull or the like',
  undo: 'An undo or a rollback',
  before: 'It was there before Signalbox looked for the first time',
};
