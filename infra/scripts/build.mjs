// npm run build: compile to dist.
import { build, install } from './workspace.mjs';

install();
build({ force: true });
