/** Lets threads run the TypeScript sources that Vitest, which has its own way to run them, starts them from. */
import { register } from 'node:module';
import { isMainThread } from 'node:worker_threads';

if (!isMainThread) register('./typescript-hooks.mjs', import.meta.url);
