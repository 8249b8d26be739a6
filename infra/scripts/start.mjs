// npm start: every role in one process, with a database of its own and a simulated shop.
import { runServer } from './workspace.mjs';

await runServer('apps/standalone/main.js');
