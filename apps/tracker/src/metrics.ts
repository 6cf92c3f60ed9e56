import type { ServerResponse } from 'node:http';
import type { RequestHandler } from 'express';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import * as z from 'zod';

const routeSchema = z.object({ path: z.string() });
const LATENCY_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** Read when somebody asks for the metrics. */
export interface Gauges {
  readonly sessions: () => number;
  readonly swarms: () => number;
  readonly peers: () => number;
  readonly shares: () => Promise<number>;
}

/** What the tracker tells Prometheus. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #latency: Histogram;
  readonly #announces: Counter;

  constructor(gauges: Gauges) {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    this.#latency = new Histogram({
      name: 'shoal_http_request_duration_seconds',
      help: 'Time from the call to the end of its answer',
      labelNames: ['method', 'route', 'status'],
      buckets: LATENCY_BUCKETS_SECONDS,
      registers,
    });
    this.#announces = new Counter({
      name: 'shoal_announced_swarms_total',
      help: 'Swarms announced, by how they came',
      labelNames: ['via'],
      registers,
    });
    const gauge = (name: string, help: string, read: () => number | Promise<number>): void => {
      new Gauge({
        name,
        help,
        registers,
        async collect() {
          this.set(await read());
        },
      });
    };
    gauge('shoal_sessions', 'Agents with an open session', gauges.sessions);
    gauge('shoal_swarms', 'Swarms with at least one peer', gauges.swarms);
    gauge('shoal_peers', 'Peers in any swarm', gauges.peers);
    gauge('shoal_shares', 'Registered shares', gauges.shares);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All metrics in Prometheus' text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  countAnnounce(via: 'http' | 'session', swarms: number): void {
    this.#announces.inc({ via }, swarms);
  }

  /** Counts one answered call that `measure` does not see. */
  countCall(call: { readonly method: string; readonly route: string; readonly status: string }, seconds: number): void {
    this.#latency.observe(call, seconds);
  }

  /** Measures one call, from now to the end of its answer, that `measure` does not see. */
  measureCall(call: { readonly method: string; readonly route: string }, response: ServerResponse): void {
    const stop = this.#latency.startTimer();
    response.once('close', () => {
      stop({ ...call, status: String(response.statusCode) });
    });
  }

  /** Measures every call by the route that it took, never by its path: a stranger chooses paths. */
  measure(): RequestHandler {
    return (request, response, next) => {
      const stop = this.#latency.startTimer();
      response.once('close', () => {
        const taken = routeSchema.safeParse(request.route);
        const route = taken.success ? taken.data.path : 'none';
        stop({ method: request.method, route, status: String(response.statusCode) });
      });
      next();
    };
  }
}
