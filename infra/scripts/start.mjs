// npm start: everything in one process, with a database of its own and a simulated shop.
import { runBuilt } from './workspace.mjs';

await runBuilt('apps/standalone/main.js');
