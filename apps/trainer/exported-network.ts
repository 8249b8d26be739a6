import { InferenceSession, Tensor } from 'onnxruntime-node';
import { DomainError } from '#domain';
import type { Ranker } from '#evaluation';

/** The exported network as the API will run it, so that what is judged is what goes into service. */
export class ExportedNetwork {
  private constructor(
    private readonly session: InferenceSession,
    private readonly itemCount: number,
    private readonly maximumLength: number,
  ) {}

  /**
   * Loads the bytes of an ONNX file; `release` it afterwards.
   * @throws DomainError `export_unusable` when it does not load or its answer makes no sense.
   */
  static async open(bytes: Uint8Array, itemCount: number, maximumLength: number): Promise<ExportedNetwork> {
    let network: ExportedNetwork | undefined;
    try {
      const session = await InferenceSession.create(bytes, { logSeverityLevel: 3 });
      network = new ExportedNetwork(session, itemCount, maximumLength);
      await network.check();
      return network;
    } catch (cause) {
      await network?.release();
      throw new DomainError(
        'internal',
        'export_unusable',
        `The trained network does not work once exported, so it was not stored: ${cause instanceof Error ? cause.message : String(cause)}`,
        {},
        { cause },
      );
    }
  }

  /** Ranks the `count` most likely next items; prefixes and answers are item indexes from 1. */
  ranker(count: number): Ranker<number> {
    return async (prefixes) => {
      const { ids } = await this.run(prefixes, Math.min(count, this.itemCount));
      const width = ids.length / prefixes.length;
      return prefixes.map((_, row) => Array.from(ids.subarray(row * width, (row + 1) * width), Number));
    };
  }

  async release(): Promise<void> {
    await this.session.release();
  }

  private async check(): Promise<void> {
    const count = Math.min(20, this.itemCount);
    const { ids, scores } = await this.run([[1], [this.itemCount, 1]], count);
    if (ids.length !== 2 * count) throw new Error(`it gives ${ids.length / 2} items where ${count} were asked for`);
    if (!ids.every((id) => id >= 1n && id <= BigInt(this.itemCount)))
      throw new Error('it gives items that do not exist');
    if (!scores.every(Number.isFinite)) throw new Error('it gives scores that are not numbers');
  }

  private async run(
    prefixes: readonly (readonly number[])[],
    count: number,
  ): Promise<{ ids: BigInt64Array; scores: Float32Array }> {
    const rows = prefixes.map((prefix) => prefix.slice(-this.maximumLength));
    const length = Math.max(...rows.map((row) => row.length));
    const items = new BigInt64Array(rows.length * length); // [batch, length], padded with 0 on the right
    for (const [row, prefix] of rows.entries()) items.set(prefix.map(BigInt), row * length);
    const lengths = BigInt64Array.from(rows, (row) => BigInt(row.length));
    const { ids, scores } = await this.session.run({
      items: new Tensor('int64', items, [rows.length, length]),
      lengths: new Tensor('int64', lengths, [rows.length]),
      excluded: new Tensor('int64', new BigInt64Array(rows.length), [rows.length, 1]),
      count: new Tensor('int64', BigInt64Array.of(BigInt(count)), [1]),
    });
    if (!(ids?.data instanceof BigInt64Array) || !(scores?.data instanceof Float32Array)) {
      throw new Error('it gives no ids or scores');
    }
    return { ids: ids.data, scores: scores.data };
  }
}
