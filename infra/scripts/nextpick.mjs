// npm run nextpick -- COMMAND: the command line.
import { runBuilt } from './workspace.mjs';

await runBuilt('apps/cli/main.js');
