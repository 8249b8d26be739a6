// npm run bench -- NAME: the benchmarks.
import { runBuilt } from './workspace.mjs';

await runBuilt('test/load/main.js');
