import type { Item } from '#domain';
import { RecordReader, TextFile, type Parsed, type RecordFormat, type RejectedLine, type TableHeader } from '#platform';
import type { CatalogStore } from './catalog-store.js';
import { parseItem } from './item-contract.js';

/** What became of a file of items. */
export interface ItemImportReport {
  /** Lines read, the header and blank lines included. */
  readonly lines: number;
  readonly accepted: number;
  readonly rejected: number;
  /** The first lines that were not taken. */
  readonly rejections: readonly RejectedLine[];
}

interface ItemImportProgress {
  /** Bytes of the file as it lies on the disk. */
  readonly bytesRead: number;
  readonly bytes: number;
  readonly items: number;
  readonly rejected: number;
}

export interface ItemImportOptions {
  readonly store: string;
  readonly path: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ItemImportProgress) => void;
}

const BATCH_SIZE = 2_000;
const CATEGORY_SEPARATOR = '|';

/**
 * Imports a catalogue: NDJSON of the item contract, or a table with the column `item_id`, plain or gzip.
 * An item that is known is replaced, so the same file may be imported again, after an interruption too.
 * @throws InvalidInputError when the file is not one of items, is damaged, or has no good line
 */
export async function importItems(catalog: CatalogStore, options: ItemImportOptions): Promise<ItemImportReport> {
  const { store, path, signal, onProgress } = options;
  const file = await TextFile.open(path);
  const records = new RecordReader(path, itemFileFormat(store), 0);
  const progress = { bytesRead: 0 };
  let batch: Item[] = [];
  let accepted = 0;
  const flush = async (): Promise<void> => {
    await catalog.write(store, batch);
    accepted += batch.length;
    batch = [];
    onProgress?.({ ...progress, bytes: file.size, items: accepted, rejected: records.rejected });
  };
  try {
    for await (const lines of file.lines(progress)) {
      signal?.throwIfAborted();
      for (const line of lines) {
        const item = records.read(line);
        if (item) batch.push(item);
        if (batch.length === BATCH_SIZE) await flush();
      }
    }
  } finally {
    // A damaged file: what came before the damage is good.
    await flush();
  }
  if (accepted === 0) records.failWithoutRecords();
  const { lastLine, rejected, rejections } = records;
  return { lines: lastLine, accepted, rejected, rejections };
}

/** Columns of a table by the contract's field; any other column becomes an attribute. */
const COLUMNS: Readonly<Record<string, (cell: string) => object>> = {
  item_id: (itemId) => ({ itemId }),
  title: (title) => ({ title }),
  url: (url) => ({ url }),
  image_url: (imageUrl) => ({ imageUrl }),
  price: (price) => ({ price: Number(price) }),
  currency: (currency) => ({ currency }),
  category: (category) => ({ categories: category.split(CATEGORY_SEPARATOR) }),
  categories: (categories) => ({ categories: categories.split(CATEGORY_SEPARATOR) }),
  available: (available) => ({ available: { true: true, false: false, 1: true, 0: false }[available] ?? available }),
  available_from: (availableFrom) => ({ availableFrom }),
  available_until: (availableUntil) => ({ availableUntil }),
};

function itemFileFormat(store: string): RecordFormat<Item> {
  return {
    fromJson: (plain) => parseItem(store, plain),
    requiredColumns: ['item_id'],
    fromTable: (header) => tableParser(store, header),
  };
}

/** An empty cell is an absent field. Categories are separated by `|`. */
function tableParser(store: string, { columns }: TableHeader): (cells: readonly string[]) => Parsed<Item> {
  return (cells) => {
    const item = {};
    const attributes: [string, string][] = [];
    columns.forEach((column, index) => {
      const cell = cells[index] ?? '';
      const field = Object.hasOwn(COLUMNS, column) ? COLUMNS[column] : undefined;
      if (field) Object.assign(item, cell !== '' || column === 'item_id' ? field(cell) : {});
      else if (cell !== '') attributes.push([column, cell]);
    });
    return parseItem(store, { ...item, ...(attributes.length > 0 && { attributes: Object.fromEntries(attributes) }) });
  };
}
