import { DomainError, type EncodedSessions } from '#domain';
import type { CurvePoint } from '#evaluation';
import type { Checkpointing, Resumption, TrainingPosition } from '#lstm';
import { decodeVocabulary, encodeVocabulary, VOCABULARY_FILE } from '#registry';
import type { RunNotes, StoredCheckpoint } from '#runs';
import type { Judgement } from './judgement.js';
import type { KeptStage, KeptTrainings } from './network.js';
import type { RunPlan } from './search.js';

/** A run goes on from what a run of the same kind left. */
export interface RunKind {
  /** All options that decide what comes out, but for the time to learn from. */
  readonly options: object;
  /** The version that is in service. */
  readonly champion: string | null;
}

/** How a run keeps what it has done. */
export interface CheckpointOptions {
  readonly notes: Pick<RunNotes, 'checkpoints' | 'note'>;
  /** Of training between two checkpoints. */
  readonly everySeconds: number;
}

/** The names of the checkpoints: the recipe that was searched, the judged challenger, and the network in training. */
const PLAN = 'plan';
const JUDGED = 'judged';
const NETWORK = 'network';
const JUDGEMENT_FILE = 'judgement.json';

/** Counts up when a checkpoint of before can't be read any more. */
const FORMAT = 1;
const [OF_NETWORK, OF_ITEMS] = ['network/', 'items/'];

interface NetworkFacts {
  readonly stage: KeptStage;
  readonly position: TrainingPosition;
  /** The end of the newest session that it has learnt from, in milliseconds since the epoch. */
  readonly learntUntil: number;
  readonly curve: readonly CurvePoint[];
}

/**
 * What a run keeps so that, whatever ends it, the next one goes on from there: the plan of a search, the network in training every few
 * minutes, and what came out when the challenger was judged. Since an interruption sessions may have come, ended or gone, and with
 * them items: a network goes on with those that there are now.
 */
export class RunCheckpoints implements KeptTrainings {
  readonly curve: CurvePoint[];

  private constructor(
    private readonly options: CheckpointOptions,
    private readonly run: { readonly kind: string; readonly itemIds: readonly string[] },
    private readonly left: ReadonlyMap<string, StoredCheckpoint>,
    /** Null where none was found yet. */
    readonly judgement: Judgement | null,
  ) {
    this.curve = [...(this.network?.curve ?? [])];
  }

  /** @param itemIds of the run: the item with index i is at place i - 1 */
  static async open(options: CheckpointOptions, kind: RunKind, itemIds: readonly string[]): Promise<RunCheckpoints> {
    const { notes } = options;
    const ours = JSON.stringify({ format: FORMAT, ...kind });
    const all = await notes.checkpoints.list();
    const left = new Map(all.filter(({ facts }) => facts.kind === ours).map((each) => [each.name, each]));
    const judged = left.has(JUDGED) && (await wholeFiles(notes, JUDGED))?.get(JUDGEMENT_FILE);
    const judgement = judged ? (JSON.parse(new TextDecoder().decode(judged)) as Judgement) : null;
    const opened = new RunCheckpoints(options, { kind: ours, itemIds }, left, judgement);
    const resumed = opened.resumed();
    if (resumed) await notes.note({ resumed });
    else await notes.checkpoints.drop();
    return opened;
  }

  /** Null where none was found yet. */
  get plan(): RunPlan | null {
    return (this.left.get(PLAN)?.facts.plan as RunPlan | undefined) ?? null;
  }

  async keepPlan(plan: RunPlan): Promise<void> {
    await this.write(PLAN, { plan }, { stage: 'searching', share: 1 });
  }

  async keepJudgement(judgement: Judgement): Promise<void> {
    const file = new TextEncoder().encode(JSON.stringify(judgement));
    await this.write(JUDGED, {}, { stage: 'training', share: 0 }, new Map([[JUDGEMENT_FILE, file]]));
  }

  async resumption(stage: KeptStage, sessions: EncodedSessions): Promise<Resumption | null> {
    const { network } = this;
    // What was learnt from sessions that came later must not be judged by them.
    if (network?.stage !== stage || network.learntUntil > lastEnd(sessions)) return null;
    const { notes } = this.options;
    const files = await wholeFiles(notes, NETWORK);
    if (!files) {
      await notes.note({ resumed: null });
      return null;
    }
    const rowOf = new Map(
      (await decodeVocabulary(files.get(VOCABULARY_FILE) as Uint8Array)).map((id, i) => [id, i + 1]),
    );
    const arrays = (prefix: string): Map<string, Float32Array> =>
      new Map(
        [...files]
          .filter(([name]) => name.startsWith(prefix))
          .map(([name, { buffer }]) => [name.slice(prefix.length), new Float32Array(buffer)]),
      );
    return {
      checkpoint: { position: network.position, arrays: arrays(OF_NETWORK), itemArrays: arrays(OF_ITEMS) },
      rows: Int32Array.from([0, ...this.run.itemIds.map((itemId) => rowOf.get(itemId) ?? 0)]),
    };
  }

  checkpointing(stage: KeptStage, sessions: EncodedSessions): Checkpointing {
    const learntUntil = lastEnd(sessions);
    return {
      everySeconds: this.options.everySeconds,
      write: async ({ position, arrays, itemArrays }) => {
        const facts: NetworkFacts = { stage, position, learntUntil, curve: this.curve };
        const files = new Map([
          [VOCABULARY_FILE, encodeVocabulary(this.run.itemIds)],
          ...[...arrays].map(([name, array]) => [OF_NETWORK + name, bytesOf(array)] as const),
          ...[...itemArrays].map(([name, array]) => [OF_ITEMS + name, bytesOf(array)] as const),
        ]);
        await this.write(NETWORK, { ...facts }, { stage, share: position.shareDone }, files);
      },
    };
  }

  private get network(): NetworkFacts | undefined {
    return this.left.get(NETWORK)?.facts as NetworkFacts | undefined;
  }

  /** How far the interrupted run had come; null where nothing is left of one. */
  private resumed(): Record<string, unknown> | null {
    const [plan, network] = [PLAN, NETWORK].map((name) => this.left.get(name));
    const judged = this.judgement && this.left.get(JUDGED);
    const { stage, position } = this.network ?? {};
    const newest =
      network && (stage === 'training' || !judged)
        ? { from: network, stage, share: position?.shareDone }
        : judged
          ? { from: judged, stage: 'training', share: 0 }
          : { from: plan, stage: 'searching', share: 1 };
    if (!newest.from) return null;
    const { runId, writtenAt } = newest.from;
    return { run: runId, stage: newest.stage, share: newest.share, at: writtenAt.toISOString() };
  }

  private async write(
    name: string,
    facts: object,
    progress: { readonly stage: string; readonly share: number },
    files?: ReadonlyMap<string, Uint8Array>,
  ): Promise<void> {
    await this.options.notes.checkpoints.write(name, progress, { kind: this.run.kind, ...facts }, files);
  }
}

/** A damaged checkpoint is as good as none. */
async function wholeFiles(
  { checkpoints }: CheckpointOptions['notes'],
  name: string,
): Promise<Map<string, Uint8Array> | null> {
  try {
    return await checkpoints.read(name);
  } catch (error) {
    if (error instanceof DomainError && error.code === 'checkpoint_corrupt') return null;
    throw error;
  }
}

const lastEnd = ({ endedAt }: EncodedSessions): number => endedAt.at(-1) ?? 0;

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
