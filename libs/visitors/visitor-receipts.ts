import { randomUUID } from 'node:crypto';
import type { DataSource, EntityManager } from 'typeorm';
import { DomainError } from '#domain';
import { visitorHash } from '#sessions';

/** What can be done with the data of a visitor. */
export const RECEIPT_KINDS = ['merge', 'export', 'erasure'] as const;

export type ReceiptKind = (typeof RECEIPT_KINDS)[number];

/** Proof that something was done with the data of a visitor. */
export interface VisitorReceipt {
  readonly receiptId: string;
  readonly kind: ReceiptKind;
  readonly at: Date;
  /** How many rows of what, such as `events` and `sessions`. */
  readonly counts: Readonly<Record<string, number>>;
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Receipts in Postgres. They hold no id of a visitor, and stay. */
export class VisitorReceipts {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Writes a receipt.
   * @param of the visitor; kept as a hash
   * @param manager the caller's transaction
   */
  async write(
    of: { readonly store: string; readonly visitorId: string },
    kind: ReceiptKind,
    counts: VisitorReceipt['counts'],
    manager: Pick<EntityManager, 'query'> = this.dataSource,
  ): Promise<VisitorReceipt> {
    const receiptId = randomUUID();
    const rows = await manager.query<{ at: Date }[]>(
      `insert into visitor_receipts (store, id, kind, visitor_hash, at, counts)
       values ($1, $2, $3, ${visitorHash('$1::text', '$4::text')}, clock_timestamp(), $5) returning at`,
      [of.store, receiptId, kind, of.visitorId, counts],
    );
    const [row] = rows;
    if (!row) throw new Error('Postgres returned nothing of the row that it inserted');
    return { receiptId, kind, at: row.at, counts };
  }

  /** @throws DomainError `receipt_not_found` */
  async find(store: string, receiptId: string): Promise<VisitorReceipt> {
    const [row] = UUID.test(receiptId)
      ? await this.dataSource.query<Omit<VisitorReceipt, 'receiptId'>[]>(
          'select kind, at, counts from visitor_receipts where store = $1 and id = $2',
          [store, receiptId],
        )
      : [];
    if (row) return { receiptId, ...row };
    throw new DomainError(
      'notFound',
      'receipt_not_found',
      `There is no receipt ${receiptId}. A receipt's id is in the answer to a merge, an export or an erasure.`,
      { receiptId },
    );
  }
}
