/** Lets a child process of a test run the TypeScript sources: `node --conditions=source --import ./test/support/typescript.mjs`. */
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);
