// npm test: all tests; arguments go to vitest, so `npm test -- --project small libs/graph` runs one folder.
import { build, install, root, run } from './workspace.mjs';
import { join } from 'node:path';

install();
// The tests of `npm start` run what is built; built once here, not by each.
build();
run(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...process.argv.slice(2)]);
