import type { BatchObserver, TransactionOutcome } from '@signalbox/core';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Seconds; from a cached answer to one that should not have been asked for. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export interface Reading {
  labels: Record<string, string>;
  value: number;
}

/** A number that is asked for when metrics are read; null leaves it out, since what is not known is not 0. */
export interface ReadGauge {
  name: string;
  help: string;
  labels?: readonly string[];
  read(): Promise<readonly Reading[] | null>;
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
  readonly #transactions = new Histogram({
    name: 'signalbox_database_transaction_seconds',
    help: 'Duration of transactions on the database, by what became of them; single statements are none.',
    labelNames: ['outcome'],
    buckets: BUCKETS,
    registers: [this.registry],
  });
  readonly #batchSize = new Histogram({
    name: 'signalbox_batch_size',
    help: 'Calls that went into one statement by natural batching; the count is that of the statements.',
    labelNames: ['verb'],
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500],
    registers: [this.registry],
  });
  readonly #batchFailures = new Counter({
    name: 'signalbox_batch_failures_total',
    help: 'Batches that failed as a whole.',
    labelNames: ['verb'],
    registers: [this.registry],
  });
  readonly #batchWaiting = new Gauge({
    name: 'signalbox_batch_waiting',
    help: 'Calls that waited when the last batch was answered.',
    labelNames: ['verb'],
    registers: [this.registry],
  });
  readonly #batchRefused = new Counter({
    name: 'signalbox_batch_refused_total',
    help: 'Calls refused because too many waited.',
    labelNames: ['verb'],
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry, prefix: 'signalbox_' });
  }

  readonly transaction = (outcome: TransactionOutcome, ms: number): void =>
    this.#transactions.observe({ outcome }, ms / 1_000);

  /** Counts what natural batching does. */
  readonly batches: BatchObserver = {
    batch: (verb, size, failed, waiting) => {
      this.#batchSize.observe({ verb }, size);
      this.#batchWaiting.set({ verb }, waiting);
      if (failed) this.#batchFailures.inc({ verb });
    },
    refused: (verb) => this.#batchRefused.inc({ verb }),
  };

  /** Adds numbers that are read from elsewhere at each scrape. */
  observe({ name, help, labels = [], read }: ReadGauge): void {
    new Gauge({
      name,
      help,
      labelNames: [...labels],
      registers: [this.registry],
      async collect() {
        this.reset();
        const readings = await read();
        // Without labels it would otherwise stay at 0.
        if (readings === null && labels.length === 0) this.remove();
        for (const { labels: values, value } of readings ?? []) this.set(values, value);
      },
    });
  }
}
