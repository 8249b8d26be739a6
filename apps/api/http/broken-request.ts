import type { Socket } from 'node:net';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { InvalidInputError } from '#domain';
import { PROBLEM_TYPE, problemOf, refusal } from './problem.js';
import { SECURITY_HEADERS } from './security-headers.js';

const statuses: Readonly<Record<string, number>> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 };

/** Milliseconds that a client has to read the answer; closing at once could take it away from one that is still sending. */
const farewell = 1_000;

/** Answers what cannot be read as HTTP, or does not arrive in time, and hangs up, also on who would hold the line. */
export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = statuses[error.code ?? ''];
  const problem = status ? refusal(status) : { ...refusal(400), detail: 'The request is not valid HTTP.' };
  const body = JSON.stringify(problem);
  const headers = {
    ...SECURITY_HEADERS,
    'content-type': PROBLEM_TYPE,
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${problem.status} ${problem.title}\r\n${lines.join('')}\r\n${body}`);
  setTimeout(() => socket.destroy(), farewell).unref();
}

/** Answers a path that the router cannot read, which happens before any filter. */
export function answerBrokenPath(error: Error, _: FastifyRequest, reply: FastifyReply): void {
  const problem = problemOf(error);
  void reply.status(problem.status).headers(SECURITY_HEADERS).header('content-type', PROBLEM_TYPE).send(problem);
}

/** Refuses, with a problem, what Node would refuse without one: a request without `Host`, and an `Expect` that nobody knows. */
export function refuseHalfRequests(server: FastifyInstance): void {
  server.addHook('onRequest', ({ raw: { headers, httpVersion } }, _, done) => {
    const complete = headers.host !== undefined || httpVersion === '1.0';
    done(complete ? undefined : new InvalidInputError('host_missing', 'The request needs the header Host (RFC 9112).'));
  });
  server.server.on('checkExpectation', (_: IncomingMessage, response: ServerResponse) => {
    const problem = refusal(417);
    const body = JSON.stringify(problem);
    const length = Buffer.byteLength(body);
    // What comes after such a head may be its body or not, as the client likes.
    const headers = { 'content-type': PROBLEM_TYPE, 'content-length': length, connection: 'close' };
    response.writeHead(problem.status, { ...SECURITY_HEADERS, ...headers }).end(body);
  });
}
