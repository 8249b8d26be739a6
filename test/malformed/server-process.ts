import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** The API in a process of its own, as `nextpick serve` starts it. */
export class ServerProcess {
  /** All that it wrote. */
  log = '';

  private constructor(private readonly child: ChildProcess) {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.log += text;
      });
    }
  }

  /**
   * @param commandLine the path of the compiled command line
   * @param environment settings beside those that every test has
   */
  static async start(
    commandLine: string,
    databaseUrl: string,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<{ server: ServerProcess; url: string }> {
    const child = spawn(process.execPath, [commandLine, 'serve', '--json'], {
      env: {
        ...process.env,
        DATABASE_URL: databaseUrl,
        KAFKA_BROKERS: '',
        PORT: '0',
        HOST: '127.0.0.1',
        NO_COLOR: '1',
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const server = new ServerProcess(child);
    return new Promise((resolve, reject) => {
      child.stdout.on('data', () => {
        const url = /"url":"(http:[^"]+)"/.exec(server.log)?.[1];
        if (url !== undefined) resolve({ server, url });
      });
      child.once('exit', () => {
        reject(new Error(`The API did not start:\n${server.log}`));
      });
    });
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Ends it as an operator would. @returns the exit code */
  async stop(): Promise<number | null> {
    if (this.running) {
      this.child.kill('SIGTERM');
      await once(this.child, 'exit');
    }
    return this.child.exitCode;
  }
}
