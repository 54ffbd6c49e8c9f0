import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { type ApiKeys, type Configuration, DEFAULT_PROJECT, isLoopback, SignalboxError } from '@signalbox/core';
import { inspectText } from '../http/json-body.ts';
import type { Principal } from './principal.ts';
import { TokenVerifier } from './token-verifier.ts';

const NAME_LIMIT = 100;

/** Finds out who makes a request: by API key, by token, or in open mode by what it says of itself. */
export class Authenticator {
  readonly #keys: Pick<ApiKeys, 'authenticate'>;
  readonly #required: boolean;
  readonly #tokens: TokenVerifier;

  constructor(parts: { keys: Pick<ApiKeys, 'authenticate'>; configuration: Pick<Configuration, 'auth' | 'jwt'> }) {
    this.#keys = parts.keys;
    this.#required = parts.configuration.auth === 'required';
    this.#tokens = new TokenVerifier(parts.configuration.jwt);
  }

  /**
   * A key or token that is given is checked also in open mode: who shows one means to be held to it.
   * @throws UNAUTHENTICATED, DATABASE_UNAVAILABLE
   */
  async authenticate(headers: IncomingHttpHeaders, address: string): Promise<Principal> {
    const named = nameIn(headers, 'x-signalbox-actor');
    const wanted = nameIn(headers, 'x-signalbox-project');
    const secret = bearerOf(headers.authorization);
    if (secret === null) {
      if (this.#required || headers.authorization !== undefined) throw new SignalboxError('UNAUTHENTICATED');
      return {
        actor: named ?? 'anonymous',
        name: named,
        role: 'admin',
        project: wanted ?? DEFAULT_PROJECT,
        bound: false,
        rateKey: isLoopback(address) ? null : `address ${address}`,
      };
    }
    const rateKey = `credential ${createHash('sha256').update(secret).digest('base64url')}`;
    const key = await this.#keys.authenticate(secret);
    if (key) return { actor: key.name, name: key.name, role: key.role, project: key.projectId, bound: true, rateKey };
    if (!this.#tokens.enabled) throw new SignalboxError('UNAUTHENTICATED');
    const { subject, role, project } = await this.#tokens.verify(secret);
    const free = project === '*';
    return {
      actor: subject,
      name: subject,
      role,
      project: free ? (wanted ?? DEFAULT_PROJECT) : project,
      bound: !free,
      rateKey,
    };
  }
}

function bearerOf(header: string | undefined): string | null {
  return /^Bearer +(\S+)$/i.exec(header?.trim() ?? '')?.[1] ?? null;
}

/** Header values are bytes; names in other scripts come as UTF-8. @throws INVALID_TEXT, VALIDATION_FAILED */
function nameIn(headers: IncomingHttpHeaders, header: string): string | null {
  const given = headers[header];
  if (typeof given !== 'string' || given.trim() === '') return null;
  const name = Buffer.from(given, 'latin1').toString('utf8').trim();
  inspectText(name, `The header ${header}`);
  if (name.length > NAME_LIMIT) {
    throw new SignalboxError('VALIDATION_FAILED', { reason: `${header} is longer than ${NAME_LIMIT} characters` });
  }
  return name;
}
