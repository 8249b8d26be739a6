import { on } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import type { InferenceSession } from 'onnxruntime-node';
import { openScorer, type ScorerFiles } from './open-scorer.js';
import type { ScoringAnswer, ScoringQuestion } from './scorer.js';

/** What the thread begins with. */
export interface ThreadStart {
  readonly files: ScorerFiles;
  readonly options: InferenceSession.SessionOptions;
}

/** What it says, once when it has opened the files, without answers, and then to each list of questions, in turn. */
export type ThreadAnswer =
  { readonly answers: ScoringAnswer[]; readonly fault?: never } | { readonly answers?: never; readonly fault: string };

const port = parentPort;
if (!port) throw new Error('scoring-thread is not for the main thread');

const answer = async (work: () => Promise<ScoringAnswer[]>): Promise<void> => {
  let message: ThreadAnswer;
  try {
    message = { answers: await work() };
  } catch (error) {
    message = { fault: error instanceof Error ? error.message : String(error) };
  }
  port.postMessage(message);
};

const { files, options } = workerData as ThreadStart;
const opening = openScorer(files, options);
await answer(() => opening.then(() => []));
const scorer = await opening.catch(() => null);
if (scorer) {
  // One after the other; null: no more will come.
  for await (const [questions] of on(port, 'message') as AsyncIterable<[readonly ScoringQuestion[] | null]>) {
    if (!questions) break;
    await answer(() => scorer.score(questions));
  }
  await scorer.release();
}
port.close();
