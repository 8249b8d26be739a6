import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PROBLEM_TYPE, problemOf, refusal } from './problem.js';

const statuses: Readonly<Record<string, number>> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 };

/** Answers what cannot be read as HTTP, and hangs up. */
export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = statuses[error.code ?? ''];
  const problem = status ? refusal(status) : { ...refusal(400), detail: 'The request is not valid HTTP.' };
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${problem.status} ${problem.title}\r\nContent-Type: ${PROBLEM_TYPE}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

/** Answers a path that the router cannot read, which happens before any filter. */
export function answerBrokenPath(error: Error, _: FastifyRequest, reply: FastifyReply): void {
  const problem = problemOf(error);
  void reply.status(problem.status).header('content-type', PROBLEM_TYPE).send(problem);
}
