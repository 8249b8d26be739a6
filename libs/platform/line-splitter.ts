/** A line of a text file. */
export interface Line {
  /** From 1. */
  readonly number: number;
  /** Without its end of line; undefined when it was longer than allowed and has been skipped. */
  readonly text: string | undefined;
  /** False for a last line without an end of line: it may have been cut off. */
  readonly terminated: boolean;
}

/** The longest line that is kept, in bytes. */
export const MAXIMUM_LINE_BYTES = 1024 * 1024;

const NEWLINE = 0x0a;

/**
 * Cuts bytes into lines of UTF-8 text. Holds at most one line of the allowed length besides the given bytes, however long
 * the lines are. An end of line is a line feed, with or without a carriage return before it.
 */
export class LineSplitter {
  private number = 0;
  /** The beginning of the line that is not complete yet. */
  private pending: Buffer[] = [];
  private pendingBytes = 0;
  /** The incomplete line is too long: its bytes are dropped until it ends. */
  private skipping = false;

  /** Bytes held for an incomplete line. */
  get heldBytes(): number {
    return this.pendingBytes;
  }

  /** The lines that `bytes` completes. */
  push(bytes: Buffer): Line[] {
    const lines: Line[] = [];
    let start = 0;
    const first = bytes.indexOf(NEWLINE);
    if (first >= 0 && (this.skipping || this.pendingBytes > 0)) {
      this.hold(bytes.subarray(0, first));
      lines.push(this.finish(true));
      start = first + 1;
    }
    const last = bytes.lastIndexOf(NEWLINE);
    if (last >= start) {
      // Decoding many lines at once is several times faster than one by one.
      for (const text of bytes.toString('utf8', start, last).split('\n')) {
        this.number += 1;
        lines.push(this.line(text, true));
      }
      start = last + 1;
    }
    this.hold(bytes.subarray(start));
    return lines;
  }

  /** The last line, if the file does not end with an end of line. */
  end(): Line[] {
    return this.skipping || this.pendingBytes > 0 ? [this.finish(false)] : [];
  }

  private hold(bytes: Buffer): void {
    if (this.skipping || bytes.length === 0) return;
    if (this.pendingBytes + bytes.length > MAXIMUM_LINE_BYTES) {
      this.drop();
      this.skipping = true;
      return;
    }
    // A copy: the stream may hand out parts of a large buffer, which a small part would keep alive.
    this.pending.push(Buffer.from(bytes));
    this.pendingBytes += bytes.length;
  }

  private finish(terminated: boolean): Line {
    this.number += 1;
    const line = this.skipping
      ? { number: this.number, text: undefined, terminated }
      : this.line(Buffer.concat(this.pending).toString('utf8'), terminated);
    this.drop();
    this.skipping = false;
    return line;
  }

  private drop(): void {
    this.pending = [];
    this.pendingBytes = 0;
  }

  private line(text: string, terminated: boolean): Line {
    const kept = text.length > MAXIMUM_LINE_BYTES ? undefined : text.endsWith('\r') ? text.slice(0, -1) : text;
    return { number: this.number, text: kept, terminated };
  }
}
