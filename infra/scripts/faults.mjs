// npm run test:faults: everything is killed again and again, and nothing may be lost; takes some minutes.
import { runBuilt } from './workspace.mjs';

await runBuilt('test/faults/main.js');
