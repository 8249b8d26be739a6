export { SharedFigures } from './shared-figures.js';
export { runProcesses } from './run-processes.js';
