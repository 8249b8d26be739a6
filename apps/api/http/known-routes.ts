import type { FastifyInstance } from 'fastify';

/** Which paths a server has, whatever the method. */
export class KnownRoutes {
  private readonly methods = new Map<string, Set<string>>();

  /** Notes the routes that are made from now on. */
  constructor(server: FastifyInstance) {
    server.addHook('onRoute', ({ url, method }) => {
      const known = this.methods.get(url) ?? new Set();
      for (const each of [method].flat()) known.add(each);
      this.methods.set(url, known);
    });
  }

  /** The methods that a path has; none when it is no route's. @param target of a request, with or without a query */
  methodsOf(target: string): string[] {
    const path = segmentsOf(target.split('?', 1)[0] ?? '');
    const found = [...this.methods].filter(([url]) => fits(path, segmentsOf(url)));
    return [...new Set(found.flatMap(([, methods]) => [...methods]))];
  }
}

const segmentsOf = (path: string): string[] => path.split('/');

function fits(path: readonly string[], pattern: readonly string[]): boolean {
  if (path.length !== pattern.length) return false;
  return pattern.every((segment, i) => segment === path[i] || (segment.startsWith(':') && path[i] !== ''));
}
