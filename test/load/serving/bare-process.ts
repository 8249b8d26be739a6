import { fastify } from 'fastify';
import { answerParent } from './child.js';

/** What the bare server is to answer. */
export interface BareAnswer {
  readonly path: string;
  /** JSON. */
  readonly text: string;
}

const server = fastify();

/** Takes JSON and answers with the same bytes each time: what the server below us does when it has nothing else to do. */
answerParent(async ({ path, text }: BareAnswer) => {
  server.post(path, (_, reply) => reply.type('application/json; charset=utf-8').send(text));
  return { url: await server.listen({ host: '127.0.0.1', port: 0 }) };
});
