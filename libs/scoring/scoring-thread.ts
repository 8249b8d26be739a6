import { on } from 'node:events';
import { parentPort } from 'node:worker_threads';
import type { InferenceSession } from '#onnxruntime';
import { openScorer, type ScorerFiles } from './open-scorer.js';
import type { Scorer, ScoringAnswer, ScoringQuestion } from './scorer.js';

/** What the thread is told first; then it is asked. */
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

type Message = ThreadStart | readonly ScoringQuestion[] | null;
const messages = on(port, 'message') as AsyncIterableIterator<[Message]>;

async function open(): Promise<Scorer> {
  const first: IteratorResult<[Message], [Message]> = await messages.next();
  const { files, options } = first.value[0] as ThreadStart;
  return openScorer(files, options);
}

const opening = open();
await answer(() => opening.then(() => []));
const scorer = await opening.catch(() => null);
if (scorer) {
  // One after the other; null: no more will come.
  for await (const [questions] of messages) {
    if (!questions) break;
    await answer(() => scorer.score(questions as readonly ScoringQuestion[]));
  }
  await scorer.release();
}
port.close();
