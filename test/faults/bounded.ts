import { setTimeout as pause } from 'node:timers/promises';

/**
 * Waits until `check` gives true.
 * @param what ends the sentence "waited for ..."
 * @throws Error after `seconds`, or what `check` throws
 */
export async function until(what: string, seconds: number, check: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + seconds * 1_000;
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error(`waited ${seconds} s for ${what}, in vain`);
    await pause(50);
  }
}

/** The last lines of a log. */
export const endOfLog = (text: string, lines = 12): string => text.trimEnd().split('\n').slice(-lines).join('\n');
