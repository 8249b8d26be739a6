import { connect, type Socket } from 'node:net';

/** What a server said. */
export interface Answer {
  readonly status: number;
  /** Names in lower case; the last of a name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** An answer, or how there came to be none. */
export type Outcome = Answer | 'cut off' | 'silent';

/** A server that says nothing for so many milliseconds has forgotten us. */
const PATIENCE = 20_000;

/**
 * A connection on which requests follow each other, byte for byte as they are given: clients of HTTP refuse to send what is
 * wrong. It is opened again when the server, or a request, has ended it.
 */
export class Connection {
  private socket: Socket | undefined;
  private received = Buffer.alloc(0);
  private changed: () => void = () => undefined;
  private ended = false;

  constructor(
    private readonly host: string,
    private readonly port: number,
  ) {}

  /** @param last sends nothing after these bytes, so that the server sees their end */
  async send(bytes: Buffer, last = false): Promise<Outcome> {
    const socket = (this.socket ??= this.open());
    if (last) socket.end(bytes);
    else socket.write(bytes);
    const deadline = Date.now() + PATIENCE;
    for (;;) {
      const answer = readAnswer(this.received, this.ended);
      if (answer) {
        this.received = this.received.subarray(answer.length);
        if (last || this.ended || answer.headers.connection === 'close') this.close();
        return answer;
      }
      if (this.ended || Date.now() > deadline) {
        const outcome = this.ended ? 'cut off' : 'silent';
        this.close();
        return outcome;
      }
      await this.change(deadline - Date.now());
    }
  }

  close(): void {
    this.socket?.destroy();
    this.socket = undefined;
  }

  private open(): Socket {
    this.received = Buffer.alloc(0);
    this.ended = false;
    const socket = connect({ host: this.host, port: this.port, noDelay: true });
    const end = (): void => {
      if (this.socket !== socket) return;
      this.ended = true;
      this.changed();
    };
    // A server that has answered may reset a connection that still brings more.
    socket.on('error', end).on('end', end).on('close', end);
    socket.on('data', (bytes) => {
      if (this.socket !== socket) return;
      this.received = Buffer.concat([this.received, bytes]);
      this.changed();
    });
    return socket;
  }

  private change(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.changed = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** The first answer in some bytes, with the number of its own; undefined while it is not complete. */
function readAnswer(bytes: Buffer, ended: boolean): (Answer & { readonly length: number }) | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const [first = '', ...lines] = bytes.subarray(0, headEnd).toString('latin1').split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1]);
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const start = headEnd + 4;
  const rest = bytes.subarray(start);
  if (status === 204 || status === 304) return { status, headers, text: '', length: start };
  if (headers['transfer-encoding'] === 'chunked') {
    const end = rest.indexOf('0\r\n\r\n');
    if (end < 0) return undefined;
    // Looked at as a whole: the sizes of the chunks are in between.
    return { status, headers, text: rest.subarray(0, end).toString('utf8'), length: start + end + 5 };
  }
  const length = headers['content-length'] === undefined ? rest.length : Number(headers['content-length']);
  const complete = headers['content-length'] === undefined ? ended : rest.length >= length;
  return complete
    ? { status, headers, text: rest.subarray(0, length).toString('utf8'), length: start + length }
    : undefined;
}
