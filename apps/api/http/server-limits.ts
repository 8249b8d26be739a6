import type { FastifyHttpOptions } from 'fastify';
import type { Server } from 'node:http';
import type { Configuration } from '#platform';
import { LARGEST_BODY } from './problem.js';

/** Bytes; Node's default, written down because the answer 431 depends on it. */
const largestHeaders = 16_384;

/** Milliseconds. Node looks for late requests only so often. */
const lateRequestCheck = 1_000;

/** Milliseconds without a byte in either direction. */
const silentConnection = 120_000;

/** How much and how slowly a client may send, and which proxies are believed about it: options of Fastify. */
export function serverLimits(configuration: Configuration) {
  const milliseconds = (seconds: number): number => Math.ceil(seconds * 1000);
  const requestTimeout = milliseconds(configuration.requestTimeoutSeconds);
  return {
    bodyLimit: LARGEST_BODY,
    requestTimeout,
    keepAliveTimeout: milliseconds(configuration.keepAliveSeconds),
    connectionTimeout: silentConnection,
    trustProxy: configuration.trustProxy,
    http: {
      requestTimeout,
      headersTimeout: milliseconds(configuration.headersTimeoutSeconds),
      connectionsCheckingInterval: lateRequestCheck,
      maxHeaderSize: largestHeaders,
      // Node's refusal has no body: `refuseHalfRequests` has one.
      requireHostHeader: false,
    },
  } satisfies FastifyHttpOptions<Server>;
}
