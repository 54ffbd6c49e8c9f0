import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { canonicalJson } from '../../platform/content/index.ts';
import type { SessionState } from '../state/session-state.ts';
import { type Frame, frameSchema } from './recording.ts';

/** A frame as it is stored. */
export interface StoredFrame {
  seq: number;
  kind: Frame['kind'];
  /** Of its event; null for snapshots. */
  type: string | null;
  actor: string | null;
  encoding: 'json' | 'deflate';
  body: Buffer;
  /** Bytes of its JSON. */
  rawBytes: number;
  /** SHA-256 of its canonical JSON. */
  checksum: Buffer;
}

/**
 * What most frames have in common, so that also a small one is worth compressing. Part of the format: what was stored with it
 * can be read with nothing else.
 */
function dictionaryOf(sessionId: string): Buffer {
  return Buffer.from(
    `{"callId":"call_","tool":"bash","arguments":{"command":"","filePath":""},"status":"completed","output":"","title":null,` +
      `"durationMs":,"metadata":{},"role":"assistant","messageId":"msg_","text":"","final":true,"stream":"stdout","path":"",` +
      `"inputTokens":,"outputTokens":,"reasoningTokens":,"cacheReadTokens":,"cacheWriteTokens":,"costUsd":}` +
      `{"at":"20","base":0,"delta":{"agentChange":{"added":[],"removed":[]},"base":0,"metadataChange":{"set":{},"unset":[]},` +
      `"stateChange":{"from":"working","to":"broken"}},"delta":null,"event":{"actor":"opencode","attempt":1,"changeInfo":` +
      `{"elementType":"function","entityIds":[],"operation":"modified"},"changeInfo":null,"eventId":"01","impact":` +
      `{"severity":"low"},"impact":null,"occurredAt":"2026-01-01T00:00:00.000Z","payload":{},"payload":null,"payloadBytes":0,` +
      `"payloadDigest":null,"recordedAt":"2026-01-01T00:00:00.000Z","seq":1,"sessionId":"${sessionId}","stateTransition":null,` +
      `"type":"tool_result"},"kind":"event","seq":1,"snapshot":null}`,
  );
}

/** Writes a frame. Compressed only where that makes it smaller. */
export function encodeFrame(frame: Frame, sessionId: string, compress: boolean): StoredFrame {
  const json = canonicalJson(frame);
  const packed = compress ? deflateRawSync(json, { dictionary: dictionaryOf(sessionId), level: 6 }) : json;
  const smaller = packed.length < json.length;
  return {
    seq: frame.seq,
    kind: frame.kind,
    type: frame.event?.type ?? null,
    actor: frame.event?.actor ?? null,
    encoding: smaller ? 'deflate' : 'json',
    body: smaller ? packed : json,
    rawBytes: json.length,
    checksum: sha256(json),
  };
}

/** A frame as it was read, and the SHA-256 of the canonical JSON of all that stands there. */
export interface DecodedFrame {
  frame: Frame;
  checksum: Buffer;
}

/** Reads a frame; null where what is stored is none. Whether it is the one that was written, its checksum says. */
export function decodeFrame(stored: Pick<StoredFrame, 'encoding' | 'body'>, sessionId: string): DecodedFrame | null {
  try {
    const { encoding, body } = stored;
    const json = encoding === 'json' ? body : inflateRawSync(body, { dictionary: dictionaryOf(sessionId) });
    const read: unknown = JSON.parse(json.toString());
    return { frame: frameSchema.parse(read), checksum: checksumOf(read) };
  } catch {
    return null;
  }
}

/** SHA-256 of a frame's canonical JSON. */
export function checksumOf(frame: unknown): Buffer {
  return sha256(canonicalJson(frame));
}

/** The hash over all frames up to one, from the hash over those before it. */
export function chained(head: Buffer, checksum: Buffer): Buffer {
  return sha256(Buffer.concat([head, checksum]));
}

/** The head of a recording without frames. */
export const EMPTY_HEAD = Buffer.alloc(32);

/** REPLAY-015: SHA-256 (hex) over code state, members as a set, number of events and metadata. */
export function stateChecksum({ codeState, agentIds, eventCount, metadata }: SessionState): string {
  const comparable = { codeState, agentIds: [...agentIds].sort(), eventCount, metadata };
  return sha256(canonicalJson(comparable)).toString('hex');
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
