import { DomainError } from '#domain';
import type { FileFacts } from '#platform';

/** All that is known about a model version. */
export interface Manifest {
  readonly formatVersion: 1;
  /** Sorts by time of creation. */
  readonly version: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly store: string;
  /** From the oldest to the newest session that was learnt, ISO 8601. */
  readonly trainingWindow: { readonly from: string; readonly until: string };
  readonly counts: { readonly sessions: number; readonly items: number; readonly clicks: number };
  /** The network sees at most this many of a session's newest items. */
  readonly maximumLength: number;
  readonly recipe: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly metrics: Readonly<Record<string, number>>;
  /** What it was trained on, and what was left out of that; absent in older manifests. */
  readonly data?: object;
  /** How it was judged against the model in service before it and the baselines; absent where too little was there to judge by. */
  readonly gate?: object;
  readonly files: Readonly<Record<string, FileFacts>>;
}

/** What the trainer says of a model; the registry adds the rest. */
export type ManifestDraft = Omit<Manifest, 'formatVersion' | 'version' | 'createdAt' | 'store' | 'files'>;

/** An immutable model version: the manifest and the files that it vouches for. */
export interface Artefact {
  readonly manifest: Manifest;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** The serving network. */
export const MODEL_FILE = 'model.onnx';
/** The item ids that the network knows, see {@link encodeVocabulary}. */
export const VOCABULARY_FILE = 'vocabulary.txt';
/** The past sessions that are asked beside the network. */
export const NEIGHBOURS_FILE = 'neighbours.bin';
/** How network and neighbours answer together, as JSON. */
export const BLEND_FILE = 'blend.json';

/**
 * Compares files with what their manifest says.
 * @param files size and checksum of each, as they are
 * @throws DomainError `artefact_corrupt` that names the file, when one is missing, too many or altered.
 */
export function verifyFiles(manifest: Manifest, files: ReadonlyMap<string, FileFacts>): void {
  const corrupt = (file: string, problem: string) =>
    new DomainError(
      'conflict',
      'artefact_corrupt',
      `Model ${manifest.version} is damaged: ${file} ${problem}. Train again, or promote another version (\`models list\`).`,
      { store: manifest.store, version: manifest.version, file },
    );
  for (const [name, expected] of Object.entries(manifest.files)) {
    const found = files.get(name);
    if (!found) throw corrupt(name, 'is missing');
    if (found.bytes !== expected.bytes) {
      throw corrupt(name, `has ${found.bytes} bytes where its manifest says ${expected.bytes}`);
    }
    if (found.sha256 !== expected.sha256) throw corrupt(name, 'does not have the SHA-256 that its manifest says');
  }
  for (const name of files.keys()) {
    if (!(name in manifest.files)) throw corrupt(name, 'is not in its manifest');
  }
}
