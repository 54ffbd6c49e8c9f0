/** What a handler answers that sets a cookie along with it. */
export class CookieAnswer {
  readonly cookie: string;
  readonly value: unknown;

  constructor(cookie: string, value: unknown) {
    this.cookie = cookie;
    this.value = value;
  }
}
