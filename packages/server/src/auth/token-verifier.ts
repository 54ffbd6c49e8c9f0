import { type Configuration, type Role, roleSchema, SignalboxError } from '@signalbox/core';
import type { JWTVerifyGetKey } from 'jose';
import { z } from 'zod';

/** What a token must say beside issuer, audience and times. `project: "*"` is bound to none. */
const claimsSchema = z.object({
  sub: z.string().min(1).max(100),
  role: roleSchema,
  project: z.string().min(1).max(63),
});

export interface TokenClaims {
  subject: string;
  role: Role;
  project: string;
}

/** Checks JSON Web Tokens that others issue, by a shared secret (HS256) or published keys (CTL-015). */
export class TokenVerifier {
  readonly #settings: Configuration['jwt'];
  readonly #jwksUrl: URL | null;
  #published: JWTVerifyGetKey | null = null;

  constructor(settings: Configuration['jwt']) {
    this.#settings = settings;
    this.#jwksUrl = settings.jwksUrl === null ? null : new URL(settings.jwksUrl);
  }

  get enabled(): boolean {
    return this.#jwksUrl !== null || this.#settings.secret !== null;
  }

  /** @throws UNAUTHENTICATED for whatever is wrong with it; the caller is not told what. */
  async verify(token: string): Promise<TokenClaims> {
    // With the first token: its modules take a twentieth of a server's start, and most servers are asked by keys alone.
    const jose = await import('jose');
    try {
      const { payload } = await this.#check(jose, token);
      const { sub, role, project } = claimsSchema.parse(payload);
      return { subject: sub, role, project };
    } catch (error) {
      if (error instanceof jose.errors.JOSEError || error instanceof z.ZodError) {
        throw new SignalboxError('UNAUTHENTICATED', {}, { cause: error });
      }
      throw error;
    }
  }

  #check({ createRemoteJWKSet, jwtVerify }: typeof import('jose'), token: string) {
    const { secret, audience, issuer } = this.#settings;
    const options = { audience, requiredClaims: ['exp'], ...(issuer === null ? {} : { issuer }) };
    if (this.#jwksUrl) {
      this.#published ??= createRemoteJWKSet(this.#jwksUrl);
      return jwtVerify(token, this.#published, { ...options, algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'] });
    }
    return jwtVerify(token, new TextEncoder().encode(secret ?? ''), { ...options, algorithms: ['HS256'] });
  }
}
