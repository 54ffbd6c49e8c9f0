import type { ApiKey } from '@signalbox/client';
import { IconBan, IconCheck, IconClockX } from '@tabler/icons-react';
import type { Look } from '../ui/status.ts';

export type KeyState = 'valid' | 'expired' | 'revoked';

/** @param now milliseconds since 1970. */
export function keyState({ revokedAt, expiresAt }: Pick<ApiKey, 'revokedAt' | 'expiresAt'>, now: number): KeyState {
  if (revokedAt !== null) return 'revoked';
  return expiresAt !== null && Date.parse(expiresAt) <= now ? 'expired' : 'valid';
}

export const KEY_LOOKS: Readonly<Record<KeyState, Look>> = {
  valid: { label: 'Valid', tone: 'done', icon: IconCheck },
  expired: { label: 'Expired', tone: 'late', icon: IconClockX },
  revoked: { label: 'Revoked', tone: 'off', icon: IconBan },
};

const DAY = 86_400;

/** How long a key may work; `never` is until it is revoked. */
export const LIFETIMES = [
  { value: String(DAY), label: 'A day' },
  { value: String(30 * DAY), label: '30 days' },
  { value: String(90 * DAY), label: '90 days' },
  { value: String(365 * DAY), label: 'A year' },
  { value: 'never', label: 'Until it is revoked' },
];

export function secondsOf(lifetime: string): number | null {
  return lifetime === 'never' ? null : Number(lifetime);
}
