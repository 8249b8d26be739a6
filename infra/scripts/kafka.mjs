// npm run kafka: Apache Kafka on this machine, and its own command line tools.
import { runBuilt } from './workspace.mjs';

await runBuilt('apps/local-kafka/main.js');
