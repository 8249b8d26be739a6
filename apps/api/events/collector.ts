import type { IntakeResult } from '#events';

/** Where events go that come over HTTP. */
export abstract class Collector {
  /**
   * Takes the good ones of some events and tells what is wrong with the others.
   * @param events such as parsed JSON
   */
  abstract accept(store: string, events: readonly unknown[]): Promise<IntakeResult>;
}
