// npm run nextpick -- COMMAND: the command line.
import { runBuilt, runServer } from './workspace.mjs';

const run = process.argv[2] === 'serve' ? runServer : runBuilt;
await run('apps/cli/main.js');
