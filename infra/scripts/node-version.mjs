// Imported before anything else: an old Node should say so, not fail on syntax or a missing built-in.
const required = [20, 19];
const [major, minor] = process.versions.node.split('.').map(Number);

if (major < required[0] || (major === required[0] && minor < required[1])) {
  console.error(
    `Nextpick needs Node ${required.join('.')} or later; this is ${process.versions.node}. ` +
      'Get a current one from https://nodejs.org and run the same command again.',
  );
  process.exit(1);
}
