import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ReportHook } from '@signalbox/client/hooks';

/** An event that could not be told, in a file of its own: hooks that run side by side do not disturb each other. */
export interface Spooled {
  source: string;
  report: ReportHook;
}

/** Events that could not be told, in the order in which they happened. What one holds may be secret: it is the person's alone. */
export class HookSpool {
  readonly #directory: string;

  constructor(place: string) {
    this.#directory = join(place, 'spool');
  }

  put({ source, report }: Spooled): void {
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    const name = `${(report.at ?? '').replaceAll(':', '')}-${report.eventId}`;
    const temporary = join(this.#directory, `${name}.tmp`);
    writeFileSync(temporary, JSON.stringify({ source, report }), { mode: 0o600 });
    renameSync(temporary, join(this.#directory, `${name}.json`));
  }

  /** Names of what waits, the oldest first. */
  names(): string[] {
    try {
      return readdirSync(this.#directory)
        .filter((name) => name.endsWith('.json'))
        .sort();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }

  /** Null where another hook has told it meanwhile, or where it cannot be read. */
  read(name: string): Spooled | null {
    try {
      return JSON.parse(readFileSync(join(this.#directory, name), 'utf8')) as Spooled;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.setAside(name);
      return null;
    }
  }

  remove(name: string): void {
    rmSync(join(this.#directory, name), { force: true });
  }

  /** It is kept, for somebody to look at, and never told. */
  setAside(name: string): void {
    try {
      renameSync(join(this.#directory, name), join(this.#directory, `${name}.refused`));
    } catch (error) {
      // Another hook was quicker.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}
