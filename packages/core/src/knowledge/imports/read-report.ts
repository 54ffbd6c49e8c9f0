import { gunzipSync } from 'node:zlib';
import { SignalboxError } from '../../platform/errors/index.ts';
import { adapterOf, recognise } from './adapters.ts';
import { MOST_REPORT_BYTES } from './report.ts';
import type { ReportSource } from './report-source.ts';
import type { ReadReport, ReportStart } from './report-thread.ts';

/** @throws IMPORT_UNREADABLE, GRAPH_REPORT_UNKNOWN, GRAPH_REPORT_PATH, GRAPH_REPORT_TOO_LARGE */
export async function readReport(start: ReportStart): Promise<ReadReport> {
  const { bytes: packed, format: given, root, workspace } = start;
  const bytes = unpacked(packed);
  if (bytes.length > MOST_REPORT_BYTES) throw tooLarge(`${bytes.length} bytes`);
  const source: ReportSource = {
    bytes,
    text: new TextDecoder().decode(bytes),
    root: withoutSlash(root ?? workspace),
    workspace,
  };
  const format = given ?? recognise(source);
  return { format, read: await adapterOf(format).read(source) };
}

/** What gzip packed; all else as it is. A small file may unpack to any size: no more than is taken is unpacked. */
function unpacked(bytes: Uint8Array): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: MOST_REPORT_BYTES });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(`more than ${MOST_REPORT_BYTES} bytes`);
    throw new SignalboxError('IMPORT_UNREADABLE', { format: 'gzip', reason: message }, { cause: error });
  }
}

function tooLarge(size: string): SignalboxError {
  return new SignalboxError('GRAPH_REPORT_TOO_LARGE', { size, limit: MOST_REPORT_BYTES });
}

function withoutSlash(root: string | null): string | null {
  return root?.replaceAll('\\', '/').replace(/\/+$/, '') || null;
}
