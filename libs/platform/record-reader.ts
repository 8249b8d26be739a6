import { InvalidInputError } from '#domain';
import type { Line } from './line-splitter.js';
import { TableHeader } from './table-header.js';
import type { Parsed, Rejection } from './validation.js';

/** How a kind of record is written in files. */
export interface RecordFormat<T> {
  /** One line of NDJSON, parsed. */
  fromJson(plain: unknown): Parsed<T>;
  /** The columns that a table must have. */
  readonly requiredColumns: readonly string[];
  /** One line of a table, once its header is known. There are as many cells as columns. */
  fromTable(header: TableHeader): (cells: readonly string[]) => Parsed<T>;
}

/** A line that was not taken. */
export interface RejectedLine extends Rejection {
  /** From 1. */
  readonly line: number;
}

const REJECTIONS_KEPT = 20;

/** Not of tabs: those are the empty cells of a table. */
const BLANK = /^ *$/;

/**
 * Makes records of the lines of one file. The first line that is not blank decides: a JSON object begins NDJSON, anything
 * else must be the header of a tab-separated table. Bad lines are counted, and the first of them kept.
 */
export class RecordReader<T> {
  /** Of the lines that were not taken, the first. */
  readonly rejections: RejectedLine[] = [];
  /** Lines that were not taken. */
  rejected = 0;
  /** Of the line read last, from 1. */
  lastLine = 0;
  private parse: ((text: string) => Parsed<T>) | undefined;

  /** @param skipLines records up to this line are passed over: an earlier run has done them */
  constructor(
    private readonly path: string,
    private readonly format: RecordFormat<T>,
    private readonly skipLines = 0,
  ) {}

  /**
   * @returns the line's record, or undefined for a header, a blank line, one to skip, or one that was not taken
   * @throws InvalidInputError when the first line is neither JSON nor a header with the columns required
   */
  read(line: Line): T | undefined {
    this.lastLine = line.number;
    let { text } = line;
    if (!this.parse) {
      text = text?.replace(/^\uFEFF/, '');
      if (text !== undefined && BLANK.test(text)) return undefined;
      if (!text?.trimStart().startsWith('{')) {
        this.parse = this.tableParser(text ?? '', line.number);
        return undefined;
      }
      this.parse = (json) => this.parseJson(json);
    }
    if (line.number <= this.skipLines || (text !== undefined && BLANK.test(text))) return undefined;
    const { value, rejection } = this.parseText(text);
    if (rejection) this.reject(line, rejection);
    return value;
  }

  /** @throws InvalidInputError `nothing_imported` with the first faults */
  failWithoutRecords(): never {
    if (this.lastLine === 0) throw new InvalidInputError('file_empty', `${this.path} is empty`, { file: this.path });
    const shown = this.rejections.slice(0, 5).map(({ message }) => `  ${message}`);
    throw new InvalidInputError(
      'nothing_imported',
      `${this.path} has no line that can be imported.${shown.length > 0 ? ` The first faults:\n${shown.join('\n')}` : ''}`,
      { file: this.path, rejected: this.rejected },
    );
  }

  private parseText(text: string | undefined): Parsed<T> {
    if (text === undefined) return { rejection: { code: 'line_too_long', message: 'is longer than 1 MiB' } };
    if (text.includes('\uFFFD')) return { rejection: { code: 'not_utf8', message: 'is not UTF-8 text' } };
    return this.parse?.(text) ?? { rejection: { code: 'not_json', message: 'has no format' } };
  }

  private parseJson(text: string): Parsed<T> {
    let plain: unknown;
    try {
      plain = JSON.parse(text);
    } catch (error) {
      const reason = (error as Error).message.slice(0, 200);
      return { rejection: { code: 'not_json', message: `is not a JSON object: ${reason}` } };
    }
    return this.format.fromJson(plain);
  }

  private tableParser(text: string, number: number): (text: string) => Parsed<T> {
    if (text.trimStart().startsWith('[')) {
      throw new InvalidInputError(
        'file_format',
        `${this.path}, line ${number}: this is a JSON list. Write one JSON object a line (NDJSON), without a list around them.`,
        { file: this.path, line: number },
      );
    }
    const header = TableHeader.parse(this.path, text, this.format.requiredColumns);
    const parse = this.format.fromTable(header);
    const width = header.columns.length;
    return (row) => {
      const cells = row.split('\t');
      if (cells.length === width) return parse(cells);
      const message = `has ${cells.length} columns, but the first line names ${width}`;
      return { rejection: { code: 'column_count', message } };
    };
  }

  private reject({ number, terminated }: Line, { code, message }: Rejection): void {
    this.rejected += 1;
    if (this.rejections.length === REJECTIONS_KEPT) return;
    const hint = terminated ? '' : ' (the file ends within this line: it may be cut off)';
    this.rejections.push({ line: number, code, message: `line ${number}: ${message}${hint}` });
  }
}
