import { styleText } from 'node:util';
import type { OutputStream } from '../io.ts';

export type Colour = 'red' | 'green' | 'yellow' | 'blue' | 'cyan' | 'magenta' | 'dim' | 'bold';
export type Style = (colour: Colour, text: string) => string;

/** Colours where they can be seen and are not unwanted: on a terminal, without `NO_COLOR`; `FORCE_COLOR` insists. */
export function styleFor(stream: OutputStream, env: Readonly<Record<string, string | undefined>>): Style {
  const wanted = env.FORCE_COLOR
    ? env.FORCE_COLOR !== '0'
    : stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
  return wanted ? (colour, text) => styleText(colour, text, { validateStream: false }) : (_colour, text) => text;
}
