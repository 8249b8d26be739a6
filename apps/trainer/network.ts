import { splitByTime } from '#dataset';
import type { EncodedSessions } from '#domain';
import type { CurvePoint } from '#evaluation';
import { trainLstm, type Checkpointing, type LstmModel, type LstmRecipe, type Resumption } from '#lstm';
import type { ProgressListener, TrainingStage } from './progress.js';
import type { WarmStart } from './warm-start.js';

/** The trainings of which checkpoints are written. */
export type KeptStage = Extract<TrainingStage, 'validation' | 'training'>;

/** Where trainings are kept while they are under way. */
export interface KeptTrainings {
  /** Of the challenger, as far as it has come; written to as it goes on. */
  readonly curve: CurvePoint[];
  /** Where a training of that stage goes on; null where it begins anew. */
  resumption(stage: KeptStage, sessions: EncodedSessions): Promise<Resumption | null>;
  checkpointing(stage: KeptStage, sessions: EncodedSessions): Checkpointing;
}

/** How networks are trained, whatever for. */
export interface NetworkOptions {
  /** Changes to the default recipe. */
  readonly recipe?: Partial<LstmRecipe>;
  /** What is begun from; nothing unless given. */
  readonly warm?: WarmStart;
  /** The newest share of the sessions that a network learns from, above 0 to 1; all unless given. */
  readonly share?: number;
  /** 1 unless given; with `threads: 1` the same seed and sessions give the same network. */
  readonly seed?: number;
  /** Threads of the arithmetic; one per processor unless given. */
  readonly threads?: number;
  /** Without it no checkpoints are written. */
  readonly checkpoints?: KeptTrainings;
  readonly signal?: AbortSignal;
  readonly onProgress?: ProgressListener;
}

export const seedOf = ({ seed = 1 }: NetworkOptions): number => seed;

/**
 * Trains a network in one stage of a run.
 * @param onEpoch hears each epoch's mean loss, with the network as it is then
 */
export async function trainNetwork(
  stage: TrainingStage,
  sessions: EncodedSessions,
  itemCount: number,
  options: NetworkOptions,
  onEpoch?: (epoch: number, loss: number, model: LstmModel) => Promise<void>,
): Promise<LstmModel> {
  const { recipe = {}, share = 1, warm, threads, signal, onProgress } = options;
  const { newest } = splitByTime(sessions, share);
  const checkpoints = stage === 'validation' || stage === 'training' ? options.checkpoints : undefined;
  const resume = await checkpoints?.resumption(stage as KeptStage, newest);
  return trainLstm(newest, itemCount, {
    recipe: { ...recipe, ...warm?.recipe },
    seed: seedOf(options),
    ...(threads === undefined ? {} : { threads }),
    ...(signal && { signal }),
    ...(warm && { start: warm.network }),
    ...(onEpoch && { onEpoch }),
    ...(resume && { resume }),
    ...(checkpoints && { checkpointing: checkpoints.checkpointing(stage as KeptStage, newest) }),
    onProgress: ({ epoch, epochs, loss, targetsDone, targetsTotal }) => {
      onProgress?.(stage, {
        done: targetsDone / targetsTotal,
        count: targetsDone,
        note: `epoch ${epoch} of ${epochs}, loss ${loss.toFixed(3)}`,
      });
    },
  });
}
