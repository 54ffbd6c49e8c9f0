import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import {
  type ApiKeys,
  type BrowserSessions,
  type Configuration,
  DEFAULT_PROJECT,
  isLoopback,
  type Role,
  SignalboxError,
} from '@signalbox/core';
import { inspectText } from '../http/json-body.ts';
import type { Principal } from './principal.ts';
import { cookieSecret } from './session-cookie.ts';
import { TokenVerifier } from './token-verifier.ts';

const NAME_LIMIT = 100;

export interface AuthenticatorParts {
  keys: Pick<ApiKeys, 'authenticate'>;
  browserSessions: Pick<BrowserSessions, 'authenticate'>;
  configuration: Pick<Configuration, 'auth' | 'jwt'>;
}

/** Finds out who makes a request: by API key, by token, by cookie, or in open mode by what it says of itself. */
export class Authenticator {
  readonly #keys: Pick<ApiKeys, 'authenticate'>;
  readonly #browserSessions: Pick<BrowserSessions, 'authenticate'>;
  readonly #required: boolean;
  readonly #tokens: TokenVerifier;

  constructor(parts: AuthenticatorParts) {
    this.#keys = parts.keys;
    this.#browserSessions = parts.browserSessions;
    this.#required = parts.configuration.auth === 'required';
    this.#tokens = new TokenVerifier(parts.configuration.jwt);
  }

  /**
   * A key or token that is given is checked also in open mode: who shows one means to be held to it. A cookie is sent
   * by the browser unasked: one that is over counts as none.
   * @throws UNAUTHENTICATED, DATABASE_UNAVAILABLE
   */
  async authenticate(headers: IncomingHttpHeaders, address: string): Promise<Principal> {
    const named = nameIn(headers, 'x-signalbox-actor');
    const wanted = nameIn(headers, 'x-signalbox-project');
    const secret = bearerOf(headers.authorization);
    if (secret === null) {
      const signedIn = headers.authorization === undefined ? await this.#byCookie(headers) : null;
      if (signedIn) return signedIn;
      if (this.#required || headers.authorization !== undefined) throw new SignalboxError('UNAUTHENTICATED');
      return {
        actor: named ?? 'anonymous',
        name: named,
        role: 'admin',
        project: wanted ?? DEFAULT_PROJECT,
        bound: false,
        browserSessionId: null,
        rateKey: isLoopback(address) ? null : `address ${address}`,
      };
    }
    const rateKey = `credential ${createHash('sha256').update(secret).digest('base64url')}`;
    const key = await this.#keys.authenticate(secret);
    if (key) return { ...boundTo(key.name, key.role, key.projectId), browserSessionId: null, rateKey };
    if (!this.#tokens.enabled) throw new SignalboxError('UNAUTHENTICATED');
    const { subject, role, project } = await this.#tokens.verify(secret);
    const free = project === '*';
    return {
      actor: subject,
      name: subject,
      role,
      project: free ? (wanted ?? DEFAULT_PROJECT) : project,
      bound: !free,
      browserSessionId: null,
      rateKey,
    };
  }

  /** False once a request of these headers would be refused; while that cannot be known, it counts as admitted. */
  async admits(headers: IncomingHttpHeaders, address: string): Promise<boolean> {
    try {
      await this.authenticate(headers, address);
      return true;
    } catch (error) {
      if (SignalboxError.is(error, 'UNAUTHENTICATED')) return false;
      if (SignalboxError.is(error, 'DATABASE_UNAVAILABLE')) return true;
      throw error;
    }
  }

  async #byCookie(headers: IncomingHttpHeaders): Promise<Principal | null> {
    const secret = cookieSecret(headers);
    const session = secret === null ? null : await this.#browserSessions.authenticate(secret);
    if (!session) return null;
    const { id, keyName, role, projectId } = session;
    return { ...boundTo(keyName, role, projectId), browserSessionId: id, rateKey: `browser session ${id}` };
  }
}

function boundTo(name: string, role: Role, project: string) {
  return { actor: name, name, role, project, bound: true };
}

/** Key or token of an `Authorization` header, or null. */
export function bearerOf(header: string | undefined): string | null {
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
