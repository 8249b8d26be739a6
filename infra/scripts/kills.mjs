// npm run test:kills: the nightly job is killed again and again, and nothing may be left, lost or refused; takes some minutes.
import { runBuilt } from './workspace.mjs';

await runBuilt('test/kills/main.js');
