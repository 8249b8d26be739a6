const controller = new AbortController();

// Ctrl-C also ends the commands under way; its failure, or ours, then lets everything be cleaned up.
process.on('SIGINT', () => {
  controller.abort();
});

/** Aborted by Ctrl-C. */
export const interrupted: AbortSignal = controller.signal;
