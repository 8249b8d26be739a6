import { InvalidInputError } from '#domain';

/** Where the columns of a tab-separated table are. */
export class TableHeader {
  private constructor(
    readonly columns: readonly string[],
    private readonly index: ReadonlyMap<string, number>,
  ) {}

  /**
   * @param line the table's first line
   * @throws InvalidInputError naming the columns that are missing, or a name that stands there twice
   */
  static parse(path: string, line: string, required: readonly string[]): TableHeader {
    const columns = line.split('\t').map((name) => name.trim());
    const index = new Map(columns.map((name, position) => [name, position]));
    const missing = required.filter((name) => !index.has(name));
    if (missing.length > 0) {
      throw new InvalidInputError(
        'column_missing',
        `${path}, line 1: the column${missing.length > 1 ? 's' : ''} ${missing.join(', ')} ` +
          `${missing.length > 1 ? 'are' : 'is'} missing. The first line must name the columns, separated by tabs; ` +
          `it names: ${columns.join(', ').slice(0, 200)}`,
        { file: path, line: 1, columns: missing.join(', ') },
      );
    }
    if (index.size < columns.length) {
      const twice = columns.find((name, position) => index.get(name) !== position) ?? '';
      throw new InvalidInputError('column_twice', `${path}, line 1: the column ${twice} is there twice`, {
        file: path,
        line: 1,
      });
    }
    return new TableHeader(columns, index);
  }

  /** The place of a column in a line, -1 for none. */
  at(column: string): number {
    return this.index.get(column) ?? -1;
  }
}
