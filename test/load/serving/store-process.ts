import { openDataSource } from '#platform';
import { answerParent } from './child.js';
import { fillStore, openVisits } from './store.js';

/** What a store is to be filled with; see `bench serving`. */
export interface StoreContents {
  readonly url: string;
  readonly data: string;
  readonly modelFrom: string | undefined;
}

/** Fills it, and tells who visits it. */
answerParent(async ({ url, data, modelFrom }: StoreContents) => {
  await fillStore(url, data, modelFrom);
  const dataSource = await openDataSource(url);
  try {
    return { visitorIds: await openVisits(dataSource, data) };
  } finally {
    await dataSource.destroy();
  }
});
