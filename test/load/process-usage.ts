import { readdir, readFile } from 'node:fs/promises';
import type { DataSource } from 'typeorm';

/** Ticks a second of the times in /proc, on every Linux that Node runs on. */
const TICKS = 100;

interface ProcessTimes {
  readonly parent: number;
  /** Seconds; its own, and of children that ended. */
  readonly cpuSeconds: number;
}

/** Whether this machine tells what other processes use: proc(5). */
export const tellsUsage = process.platform === 'linux';

/**
 * CPU seconds of processes since they started, with their children's, running or ended: `ingestCpuSeconds` for the name
 * `ingest`. Nothing where the machine does not tell.
 */
export async function cpuSecondsByName(pids: Readonly<Record<string, number>>): Promise<Record<string, number>> {
  if (!tellsUsage) return {};
  const all = new Map<number, ProcessTimes>();
  for (const name of await readdir('/proc')) {
    const times = /^\d+$/.test(name) ? await readTimes(Number(name)) : undefined;
    if (times) all.set(Number(name), times);
  }
  const secondsOf = (pid: number): number =>
    [...all].reduce((sum, [id, { parent, cpuSeconds }]) => (id === pid || parent === pid ? sum + cpuSeconds : sum), 0);
  return Object.fromEntries(Object.entries(pids).map(([name, pid]) => [`${name}CpuSeconds`, secondsOf(pid)]));
}

/**
 * CPU seconds, of all processors together, that this machine wanted and others on its host had: `stolenCpuSeconds`, `steal` in proc(5).
 * A time measured while they grow says little. Nothing where the machine does not tell.
 */
export async function stolenCpuSeconds(): Promise<Record<string, number>> {
  if (!tellsUsage) return {};
  const [all = ''] = (await readFile('/proc/stat', 'utf8')).split('\n');
  return { stolenCpuSeconds: Number(all.split(/\s+/)[8]) / TICKS };
}

/** What was added to each figure between two readings. */
export function differences(after: Readonly<Record<string, number>>, before: typeof after): Record<string, number> {
  return Object.fromEntries(Object.entries(after).map(([name, value]) => [name, value - (before[name] ?? 0)]));
}

/** The first process of the Postgres server, whose children the others are. */
export async function postmasterOf(dataSource: DataSource): Promise<number> {
  const [row] = await dataSource.query<{ pid: number }[]>('select pg_backend_pid() as pid');
  return tellsUsage && row ? parentOf(row.pid) : 0;
}

async function parentOf(pid: number): Promise<number> {
  const times = await readTimes(pid);
  if (!times) throw new Error(`there is no process ${pid}`);
  return times.parent;
}

/** The most memory that a process ever had, in MB of 2^20 bytes as for the commands' own `peakMemoryMb`. */
export async function peakMemoryMb(pid: number): Promise<number> {
  return statusMb(pid, 'VmHWM');
}

/** The memory that a process has now, in the same MB; 0 where the machine does not tell. */
export async function memoryMb(pid: number): Promise<number> {
  return tellsUsage ? statusMb(pid, 'VmRSS') : 0;
}

async function statusMb(pid: number, field: string): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${field}:\\s*(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024;
}

/** Undefined when there is no such process (any more). */
async function readTimes(pid: number): Promise<ProcessTimes | undefined> {
  let stat: string;
  try {
    stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
  // Field 2 is the program's name and may hold anything; 4 is the parent, 14 to 17 are the times.
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const ticks = fields.slice(11, 15).reduce((sum, value) => sum + value, 0);
  return { parent: fields[1] ?? 0, cpuSeconds: ticks / TICKS };
}
