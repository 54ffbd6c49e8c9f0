/** A host that a setting of a service names, and how it is spoken to. */
export interface NamedHost {
  host: string;
  protocol: string | null;
  mode: 'sync' | 'async' | 'unknown';
}

/** Protocols of brokers: what is sent by them is answered later, or never. */
const ASYNC = /^(amqps?|kafka|nats|mqtts?|pulsar(\+ssl)?|stomp)$/;
const WITH_SCHEME = /\b([a-z][a-z0-9+.-]{1,20}):\/\/(?:[^\s/@,]*@)?([a-z0-9](?:[a-z0-9._-]{0,252}))/gi;
const HOST_AND_PORT = /^([a-z0-9](?:[a-z0-9._-]{0,252})):\d{2,5}$/i;
const LONGEST = 2_000;

/** Hosts that the value of an environment variable names: in URLs, or as `host:port`. Secrets that stand before them are not kept. */
export function namedHosts(value: string): NamedHost[] {
  const text = value.slice(0, LONGEST);
  const urls = [...text.matchAll(WITH_SCHEME)].map(([, scheme = '', host = '']): NamedHost => {
    const protocol = scheme.toLowerCase().replace(/^jdbc:/, '');
    return { host: host.toLowerCase(), protocol, mode: ASYNC.test(protocol) ? 'async' : 'sync' };
  });
  if (urls.length > 0) return urls;
  return text.split(',').flatMap((part) => {
    const host = HOST_AND_PORT.exec(part.trim())?.[1];
    return host === undefined ? [] : [{ host: host.toLowerCase(), protocol: null, mode: 'unknown' as const }];
  });
}
