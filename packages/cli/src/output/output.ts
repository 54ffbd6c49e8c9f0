import { once } from 'node:events';
import type { Io } from '../io.ts';
import { type Style, styleFor } from './style.ts';
import { type Column, renderTable } from './table.ts';

/** Where a command's results go: tables and sentences for people, JSON for programs. Never both. */
export class Output {
  readonly json: boolean;
  readonly style: Style;
  readonly #io: Io;

  constructor(io: Io, json: boolean) {
    this.#io = io;
    this.json = json;
    this.style = json ? (_colour, text) => text : styleFor(io.stdout, io.env);
  }

  /** A line on stdout, for people only. */
  line(text = ''): void {
    if (!this.json) this.#io.stdout.write(`${text}\n`);
  }

  /** Text as it is, for people only. */
  raw(text: string): void {
    if (!this.json) this.#io.stdout.write(text);
  }

  /** A piece of a file that is the result, for people and programs alike; resolves once more can be taken. */
  async written(text: string): Promise<void> {
    if (!this.#io.stdout.write(text)) await once(this.#io.stdout, 'drain');
  }

  /** A remark beside the result, on stderr, so that a pipe gets the result alone. */
  note(text: string): void {
    if (!this.json) this.#io.stderr.write(`${text}\n`);
  }

  /** The result as one JSON document. */
  document(value: unknown): void {
    if (this.json) this.#io.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
  }

  /** One of many results, as one line of JSON. */
  record(value: unknown): void {
    if (this.json) this.#io.stdout.write(`${JSON.stringify(value)}\n`);
  }

  table<Row>(rows: readonly Row[], columns: Column<Row>[], empty: string): void {
    if (this.json) return;
    if (rows.length === 0) {
      this.note(empty);
      return;
    }
    const width = this.#io.stdout.isTTY ? this.#io.stdout.columns : undefined;
    this.#io.stdout.write(renderTable(rows, columns, this.style, width));
  }

  /** `name  value` lines, aligned. */
  fields(entries: ReadonlyArray<readonly [name: string, value: string | null]>): void {
    const width = Math.max(...entries.map(([name]) => name.length));
    for (const [name, value] of entries) {
      if (value !== null) this.line(`${this.style('dim', name.padEnd(width))}  ${value}`);
    }
  }
}
