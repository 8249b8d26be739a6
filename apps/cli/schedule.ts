import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Command, Option } from 'commander';
import { Cron } from 'croner';
import type { DataSource } from 'typeorm';
import { InvalidInputError } from '#domain';
import { pauseUnlessAborted, reasonOf } from '#platform';
import { TrainingRuns } from '#runs';
import { withCommonOptions, type CommandContext, type CommonOptions } from './context.js';
import { withTrainingOptions } from './train.js';

interface ScheduleOptions extends CommonOptions {
  readonly cron: string;
  readonly timeZone: string;
  readonly catchUp: boolean;
}

/** Longer waits are cut: a timer takes 24.8 days at most, and a machine that slept must look at its clock. */
const LONGEST_WAIT_MS = 60_000;

/** `schedule`: `train` at the times of a cron expression, until Ctrl-C. */
export function registerSchedule(program: Command, context: CommandContext): void {
  withCommonOptions(program.command('schedule'))
    .description('train at the times of a cron expression; one run of a store at a time, over all processes')
    .argument('[trainOptions...]', 'options of `train`, behind --')
    .addOption(
      new Option('--cron <expression>', 'minute, hour, day of the month, month, day of the week').default('0 3 * * *'),
    )
    .addOption(new Option('--time-zone <name>', 'of the expression, such as Europe/Berlin').default('UTC'))
    .option('--no-catch-up', 'leave out a run whose time passed while nothing was there to do it')
    .action(async (words: string[], options: ScheduleOptions) => {
      requireTrainingOptions(words);
      const times = cronOf(options);
      await context.withDatabase((dataSource) => new Scheduler(context, dataSource, options, words).follow(times));
    });
}

class Scheduler {
  private readonly runs: TrainingRuns;

  constructor(
    private readonly context: CommandContext,
    dataSource: DataSource,
    private readonly options: ScheduleOptions,
    private readonly trainingOptions: readonly string[],
  ) {
    this.runs = new TrainingRuns(dataSource);
  }

  async follow(times: Cron): Promise<void> {
    const { signal } = this.context;
    const stopped = (): boolean => signal.aborted;
    let due = (await this.missed(times)) ?? nextOf(times);
    while (!stopped()) {
      this.tell({ event: 'waiting', next: due.toISOString() }, `The next run is at ${due.toISOString()}.`);
      for (let left = due.getTime() - Date.now(); left > 0 && !stopped(); left = due.getTime() - Date.now())
        await pauseUnlessAborted(Math.min(left, LONGEST_WAIT_MS), signal);
      if (stopped()) return;
      await this.train();
      const following = times.nextRun(due) ?? nextOf(times);
      due = nextOf(times);
      if (following < due)
        this.tell(
          { event: 'missed', due: following.toISOString() },
          `The run of ${following.toISOString()} was missed: the one before took longer.`,
        );
    }
  }

  /** Now, if a run should have been since the last one and was not. */
  private async missed(times: Cron): Promise<Date | null> {
    const [last] = await this.runs.list(this.options.store, 1);
    const due = last && times.nextRun(last.startedAt);
    if (!due || due.getTime() > Date.now()) return null;
    const then = this.options.catchUp ? 'It is made up for now.' : 'It is left out (--no-catch-up).';
    this.tell({ event: 'missed', due: due.toISOString() }, `The run of ${due.toISOString()} was missed. ${then}`);
    return this.options.catchUp ? new Date() : null;
  }

  /** In a process of its own, so that one which runs out of memory takes nobody along. */
  private async train(): Promise<void> {
    const { store } = this.options;
    const command = ['train', '--store', store, '--json', '--origin', 'schedule', ...this.trainingOptions];
    const child = spawn(process.execPath, [...process.execArgv, process.argv[1] ?? '', ...command], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const stop = (): void => {
      child.kill('SIGTERM');
    };
    this.context.signal.addEventListener('abort', stop);
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    try {
      const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
      if (signal !== null) await this.bury(signal);
      const outcome = code === null ? `killed by ${String(signal)}` : `exit code ${code}`;
      this.tell(
        { event: 'run', exitCode: code, signal, result: resultIn(output) },
        `The run ended: ${outcome}. ${output.trim()}`,
      );
    } catch (error) {
      this.tell({ event: 'failed', reason: reasonOf(error) }, `The run could not be started: ${reasonOf(error)}`);
    } finally {
      this.context.signal.removeEventListener('abort', stop);
    }
  }

  private async bury(signal: NodeJS.Signals): Promise<void> {
    const reason =
      signal === 'SIGKILL'
        ? 'It was killed by SIGKILL, as the system does when memory runs out.'
        : `It was killed by ${signal}.`;
    await this.runs.buryIfNoneRuns(this.options.store, reason);
  }

  private tell(event: object, sentence: string): void {
    const { store, json } = this.options;
    this.context.print(json ? JSON.stringify({ store, ...event }) : sentence);
  }
}

/** @throws InvalidInputError `schedule_invalid` */
function cronOf({ cron, timeZone }: ScheduleOptions): Cron {
  try {
    const times = new Cron(cron, { timezone: timeZone, paused: true });
    nextOf(times);
    return times;
  } catch (error) {
    throw new InvalidInputError(
      'schedule_invalid',
      `--cron "${cron}" with --time-zone "${timeZone}" names no time: ${reasonOf(error)}. ` +
        'Right is such as --cron "0 3 * * *" --time-zone Europe/Berlin: every night at 3.',
    );
  }
}

function nextOf(times: Cron): Date {
  const next = times.nextRun();
  if (next) return next;
  throw new Error('it has no time to come');
}

/** Wrong options are to be heard of now, not at night. */
function requireTrainingOptions(words: readonly string[]): void {
  const fail = (message: string): never => {
    throw new InvalidInputError('option_invalid', `The options for \`train\` behind -- are wrong: ${message}`);
  };
  const command = withTrainingOptions(new Command('train'))
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  try {
    command.parse([...words], { from: 'user' });
  } catch (error) {
    fail(reasonOf(error));
  }
}

function resultIn(output: string): unknown {
  try {
    return JSON.parse(output) as unknown;
  } catch {
    return null;
  }
}
