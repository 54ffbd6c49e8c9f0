import { createHmac, createSecretKey, hash, type KeyObject, timingSafeEqual } from 'node:crypto';
import { leafHash, merkleRoot } from './merkle.ts';

const DIGEST_BYTES = 32;

/** The key that seals are made with. It never goes to the database: who can change rows must not be able to reseal them. */
export interface SealKey {
  /** Names the key, so that old seals can still be verified after a change of key. */
  id: string;
  /** At least 32 random bytes. */
  secret: Buffer;
}

/** An audit row as text, field by field, exactly as the database holds it. */
export interface SealedRow {
  id: string;
  projectId: string;
  /** UTC with microseconds. */
  at: string;
  actor: string;
  actorRole: string | null;
  action: string;
  subjectType: string;
  subjectId: string;
  versionBefore: number | null;
  versionAfter: number | null;
  changes: string;
  details: string;
  traceId: string | null;
}

/** Where a row stands in its project's chain. */
export interface SealedPosition {
  position: number;
  at: string;
  id: string;
  /** {@link makeLeaf} of the row when it was sealed. */
  leaf: Buffer;
}

/** A seal over the positions `firstPosition` … `firstPosition + count - 1` of a project. */
export interface Seal {
  projectId: string;
  number: number;
  firstPosition: number;
  count: number;
  merkleRoot: Buffer;
  previousSeal: Buffer | null;
  keyId: string;
  sealedAt: string;
  seal: Buffer;
}

/** What is to be kept outside the database, so that cutting off the chain's end is noticed too. */
export interface SealHead {
  projectId: string;
  number: number;
  lastPosition: number;
  /** Hex. */
  seal: string;
  sealedAt: string;
}

/** Says that rows from before `droppedBefore` were dropped by retention. */
export interface Release {
  droppedBefore: string;
  releasedAt: string;
  keyId: string;
  seal: Buffer;
}

/** Digest of everything an audit row says. */
export function rowDigest(row: SealedRow): Buffer {
  const fields = [
    row.id,
    row.projectId,
    row.at,
    row.actor,
    row.actorRole,
    row.action,
    row.subjectType,
    row.subjectId,
    row.versionBefore,
    row.versionAfter,
    row.changes,
    row.details,
    row.traceId,
  ];
  return hash('sha256', JSON.stringify(fields), 'buffer');
}

/**
 * What a position keeps of its row: the row's digest, then an HMAC over it and the place. So whoever lacks the key can
 * change neither row nor place without that very one being found, and a row that retention dropped leaves its place provable.
 */
export function makeLeaf(key: SealKey, projectId: string, place: Omit<SealedPosition, 'leaf'>, digest: Buffer): Buffer {
  return Buffer.concat([digest, mac(key, leafText(projectId, place, digest))]);
}

/** Whether a position is as it was made with this key. */
export function leafHolds(key: SealKey, projectId: string, { leaf, ...place }: SealedPosition): boolean {
  return equal(leaf, makeLeaf(key, projectId, place, digestIn(leaf)));
}

/** {@link rowDigest} of the row when it was sealed. */
export function digestIn(leaf: Buffer): Buffer {
  return leaf.subarray(0, DIGEST_BYTES);
}

export function rootOf(positions: readonly SealedPosition[]): Buffer {
  return merkleRoot(
    positions.map(({ position, at, id, leaf }) => leafHash(JSON.stringify([position, at, id, leaf.toString('hex')]))),
  );
}

export function makeSeal(key: SealKey, content: Omit<Seal, 'seal' | 'keyId'>): Seal {
  const seal = { ...content, keyId: key.id };
  return { ...seal, seal: mac(key, sealText(seal)) };
}

export function sealHolds(key: SealKey, seal: Seal): boolean {
  return equal(seal.seal, mac(key, sealText(seal)));
}

export function makeRelease(key: SealKey, content: Omit<Release, 'seal' | 'keyId'>): Release {
  const release = { ...content, keyId: key.id };
  return { ...release, seal: mac(key, releaseText(release)) };
}

export function releaseHolds(key: SealKey, release: Release): boolean {
  return equal(release.seal, mac(key, releaseText(release)));
}

export function headOf({ projectId, number, firstPosition, count, seal, sealedAt }: Seal): SealHead {
  return { projectId, number, lastPosition: firstPosition + count - 1, seal: seal.toString('hex'), sealedAt };
}

function sealText(seal: Omit<Seal, 'seal'>): string {
  return JSON.stringify([
    'signalbox-audit-seal-1',
    seal.projectId,
    seal.number,
    seal.firstPosition,
    seal.count,
    seal.merkleRoot.toString('hex'),
    seal.previousSeal?.toString('hex') ?? null,
    seal.keyId,
    seal.sealedAt,
  ]);
}

function leafText(projectId: string, { position, at, id }: Omit<SealedPosition, 'leaf'>, digest: Buffer): string {
  return JSON.stringify(['signalbox-audit-row-1', projectId, position, at, id, digest.toString('hex')]);
}

function releaseText(release: Omit<Release, 'seal'>): string {
  return JSON.stringify(['signalbox-audit-release-1', release.droppedBefore, release.releasedAt, release.keyId]);
}

/** Taken up once: given as bytes, a key costs three times as much as all else of an HMAC. */
const takenUp = new WeakMap<SealKey, KeyObject>();

function mac(key: SealKey, text: string): Buffer {
  const secret = takenUp.get(key) ?? createSecretKey(key.secret);
  takenUp.set(key, secret);
  return createHmac('sha256', secret).update(text).digest();
}

function equal(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
