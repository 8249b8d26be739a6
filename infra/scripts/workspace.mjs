import './node-version.mjs';
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { clearInterval, setInterval } from 'node:timers';
import { fileURLToPath } from 'node:url';

/** The repository's top folder. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

const sources = [
  'apps',
  'libs',
  'migrations',
  'test/load',
  'test/faults',
  'test/kills',
  'test/malformed',
  'test/support/tiny-model.ts',
  'infra/kafka',
  'tsconfig.json',
  'tsconfig.build.json',
];
/** Files that the program reads at run time and the compiler does not copy; nest-cli.json names the same. */
const assets = ['libs/graph/onnx.proto', 'infra/kafka'];

/** Installs and builds what is missing or out of date, then imports a built module: `dist/` + path. */
export async function runBuilt(path) {
  install();
  build();
  if (process.env.npm_lifecycle_event) stopWithParent();
  await import(new URL(`../../dist/${path}`, import.meta.url).href);
}

/**
 * Glibc's malloc raises the size from which on a block gets memory of its own, which goes back to the system when it is freed, with the
 * blocks that are freed: up to 32 MB. Then what threads free stays with their arenas, and a server that loads a model every night grows
 * by hundreds of megabytes. Set, the size stays as it is: https://man7.org/linux/man-pages/man3/mallopt.3.html, M_MMAP_THRESHOLD.
 */
const threshold = 'MALLOC_MMAP_THRESHOLD_';

/** As {@link runBuilt}, for what runs for long: on Linux in a second process, for the setting of its memory counts from the start. */
export async function runServer(path) {
  if (process.platform !== 'linux' || threshold in process.env) {
    await runBuilt(path);
    return;
  }
  if (process.env.npm_lifecycle_event) stopWithParent();
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: 'inherit',
    env: { ...process.env, [threshold]: String(1024 * 1024) },
  });
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  // Ctrl-C reaches the child by itself, and twice would end it at once.
  process.on('SIGINT', () => undefined);
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 1;
    if (signal) console.error(`Ended by ${signal}.`);
  });
}

/** npm passes a polite kill (SIGTERM) on to the shell that it runs us in, and the shell does not pass it on to us. */
function stopWithParent() {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 500);
  watch.unref();
}

/** `npm ci`, when `node_modules` is absent, incomplete or older than the lock file. */
export function install() {
  const installed = modifiedAt('node_modules/.package-lock.json');
  if (installed >= modifiedAt('package-lock.json')) return;
  console.error('Installing dependencies (npm ci) ...');
  // The packages that ask for a newer Node than 20.19 are tested on it; their warnings would only worry people.
  run(process.platform === 'win32' ? 'npm.cmd' : 'npm', ['ci', '--loglevel=error', '--no-audit', '--no-fund'], {
    // Its install step would download gigabytes for graphics cards.
    ONNXRUNTIME_NODE_INSTALL: 'skip',
  });
}

/** Compiles to `dist`, when that is absent or older than a source. `force` compiles in any case. */
export function build({ force = false } = {}) {
  if (!force && modifiedAt('dist') >= Math.max(...sources.map(newestIn))) return;
  console.error('Building ...');
  const started = new Date();
  // Built aside and renamed, so that `dist` is never half a build, whatever is killed when.
  const aside = `.dist-${process.pid}`;
  run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--outDir', aside], {}, () => {
    rmSync(join(root, aside), { recursive: true, force: true });
  });
  for (const asset of assets) {
    mkdirSync(join(root, aside, dirname(asset)), { recursive: true });
    cpSync(join(root, asset), join(root, aside, asset), { recursive: true });
  }
  // A source that changed while the compiler ran is newer than this build.
  utimesSync(join(root, aside), started, started);
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  renameSync(join(root, aside), join(root, 'dist'));
}

/** Runs a program in the repository's folder with our input and output; ends this process if it fails. */
export function run(program, args, environment = {}, onFailure = () => {}) {
  const result = spawnSync(program, args, {
    cwd: root,
    stdio: 'inherit',
    shell: program.endsWith('.cmd'),
    env: { ...process.env, ...environment },
  });
  if (result.status === 0) return;
  onFailure();
  if (result.error) console.error(`Could not run ${program}: ${result.error.message}`);
  process.exit(result.status ?? 1);
}

/** Milliseconds since the epoch; -1 when there is no such file. */
function modifiedAt(path) {
  return statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? -1;
}

/** The newest change of a file or of anything in a folder, the folder included, so that a deletion counts too. */
function newestIn(path) {
  const status = statSync(join(root, path), { throwIfNoEntry: false });
  if (!status?.isDirectory()) return status?.mtimeMs ?? -1;
  const entries = readdirSync(join(root, path)).filter((name) => !name.endsWith('.spec.ts'));
  return Math.max(status.mtimeMs, ...entries.map((name) => newestIn(join(path, name))));
}
