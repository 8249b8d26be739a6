// npm run test:malformed: requests that break the API's contract, each of which must be refused in good order.
import { runBuilt } from './workspace.mjs';

await runBuilt('test/malformed/main.js');
