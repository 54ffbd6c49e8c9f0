import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Seconds; from a cached answer to one that should not have been asked for. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** A number that is asked for when metrics are read; null leaves it out, since what is not known is not 0. */
export interface ReadGauge {
  name: string;
  help: string;
  labels: readonly string[];
  read(): Promise<readonly { labels: Record<string, string>; value: number }[] | null>;
}

/** What the server counts of itself, in Prometheus' form. Only what is measured is there. */
export class Metrics {
  readonly registry = new Registry();
  readonly httpRequests = new Histogram({
    name: 'signalbox_http_request_duration_seconds',
    help: 'Duration of HTTP requests, event streams left out.',
    labelNames: ['method', 'route', 'status'],
    buckets: BUCKETS,
    registers: [this.registry],
  });
  readonly eventStreams = new Gauge({
    name: 'signalbox_event_streams',
    help: 'Event streams that are open.',
    registers: [this.registry],
  });
  readonly eventsSent = new Counter({
    name: 'signalbox_events_sent_total',
    help: 'Events sent to event streams.',
    labelNames: ['topic'],
    registers: [this.registry],
  });
  readonly batches = new Histogram({
    name: 'signalbox_batch_size',
    help: 'Calls that went into one statement by natural batching.',
    labelNames: ['verb'],
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500],
    registers: [this.registry],
  });
  readonly batchSeconds = new Histogram({
    name: 'signalbox_batch_duration_seconds',
    help: 'Duration of batched statements.',
    labelNames: ['verb'],
    buckets: BUCKETS,
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry, prefix: 'signalbox_' });
  }

  /** Adds numbers that are read from elsewhere at each scrape. */
  observe({ name, help, labels, read }: ReadGauge): void {
    new Gauge({
      name,
      help,
      labelNames: [...labels],
      registers: [this.registry],
      async collect() {
        this.reset();
        for (const { labels: values, value } of (await read()) ?? []) this.set(values, value);
      },
    });
  }
}
