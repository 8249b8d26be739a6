import { splitByTime } from '#dataset';
import type { EncodedSessions } from '#domain';
import { trainLstm, type LstmModel, type LstmRecipe } from '#lstm';
import type { ProgressListener, TrainingStage } from './progress.js';

/** How networks are trained, whatever for. */
export interface NetworkOptions {
  /** Changes to the default recipe. */
  readonly recipe?: Partial<LstmRecipe>;
  /** The newest share of the sessions that a network learns from, above 0 to 1; all unless given. */
  readonly share?: number;
  /** 1 unless given; with `threads: 1` the same seed and sessions give the same network. */
  readonly seed?: number;
  /** Threads of the arithmetic; one per processor unless given. */
  readonly threads?: number;
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
  const { recipe = {}, share = 1, threads, signal, onProgress } = options;
  return trainLstm(splitByTime(sessions, share).newest, itemCount, {
    recipe,
    seed: seedOf(options),
    ...(threads === undefined ? {} : { threads }),
    ...(signal && { signal }),
    ...(onEpoch && { onEpoch }),
    onProgress: ({ epoch, epochs, loss, targetsDone, targetsTotal }) => {
      onProgress?.(stage, {
        done: targetsDone / targetsTotal,
        count: targetsDone,
        note: `epoch ${epoch} of ${epochs}, loss ${loss.toFixed(3)}`,
      });
    },
  });
}
