import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { InvalidInputError } from '#domain';
import { LineSplitter, type Line } from './line-splitter.js';

const CHUNK_BYTES = 256 * 1024;

/** How far the reading of a file is, in bytes of the file as it lies on the disk. */
export interface ReadProgress {
  bytesRead: number;
}

/** A text file, plain or gzip (told by its content), read in bounded memory. */
export class TextFile {
  private constructor(
    /** As given. */
    readonly path: string,
    /** In bytes, as it lies on the disk. */
    readonly size: number,
    private readonly compressed: boolean,
  ) {}

  /** @throws InvalidInputError when there is no such file, it cannot be read, or is named .gz and is not gzip */
  static async open(path: string): Promise<TextFile> {
    try {
      const file = await open(path, 'r');
      try {
        const status = await file.stat();
        if (!status.isFile()) throw new InvalidInputError('file_unreadable', `${path} is not a file`, { file: path });
        const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
        const compressed = bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
        if (path.endsWith('.gz') && !compressed) {
          throw new InvalidInputError(
            'file_not_gzip',
            `${path} is not a gzip file, although its name ends with .gz. ` +
              'Compress it with gzip, or take .gz off its name if it is plain text.',
            { file: path },
          );
        }
        return new TextFile(path, status.size, compressed);
      } finally {
        await file.close();
      }
    } catch (error) {
      throw fileError(path, error);
    }
  }

  /** SHA-256 of the bytes on the disk, in hexadecimal. */
  async fingerprint(): Promise<string> {
    const hash = createHash('sha256');
    try {
      for await (const bytes of createReadStream(this.path, { highWaterMark: CHUNK_BYTES }))
        hash.update(bytes as Buffer);
    } catch (error) {
      throw fileError(this.path, error);
    }
    return hash.digest('hex');
  }

  /**
   * The lines in order, in pieces of any length.
   * @throws InvalidInputError when the file cannot be read, or its gzip is damaged or cut off: after every line before that
   */
  async *lines(progress?: ReadProgress): AsyncGenerator<Line[], void> {
    const file = createReadStream(this.path, { highWaterMark: CHUNK_BYTES });
    // The error of any part reaches the reader below: pipeline destroys the last stream with it.
    const bytes: Readable = this.compressed
      ? pipeline(file, createGunzip({ chunkSize: CHUNK_BYTES }), () => undefined)
      : file;
    const splitter = new LineSplitter();
    try {
      for await (const chunk of bytes) {
        if (progress) progress.bytesRead = file.bytesRead;
        yield splitter.push(chunk as Buffer);
      }
      yield splitter.end();
    } catch (error) {
      throw fileError(this.path, error);
    }
  }
}

function fileError(path: string, error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { code = '' } = error as NodeJS.ErrnoException;
  if (code === 'Z_BUF_ERROR') {
    return new InvalidInputError(
      'file_truncated',
      `${path} is cut off: its gzip data end too early. Everything before that was read. Copy the file again.`,
      { file: path },
      { cause: error },
    );
  }
  if (code.startsWith('Z_')) {
    return new InvalidInputError(
      'file_damaged',
      `${path} is damaged: ${error.message}. Everything before that was read. Copy the file again.`,
      { file: path },
      { cause: error },
    );
  }
  if (code === 'ENOENT') {
    return new InvalidInputError('file_not_found', `There is no file ${path}`, { file: path }, { cause: error });
  }
  if (['EACCES', 'EPERM', 'EISDIR', 'EIO'].includes(code)) {
    return new InvalidInputError(
      'file_unreadable',
      `${path} cannot be read: ${error.message}`,
      { file: path },
      { cause: error },
    );
  }
  return error;
}
