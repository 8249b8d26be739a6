import { itemFactors, itemFeatures, neutralBlend } from '#blend';
import type { Dataset } from '#dataset';
import { DomainError } from '#domain';
import { exportServingModel } from '#lstm';
import { defaultNeighbourSettings, NeighbourIndex } from '#neighbours';
import { ScoringModel, type ModelParts } from '#scoring';
import type { Judgement } from './judgement.js';
import { trainNetwork, type NetworkOptions } from './network.js';

/** The model that goes into service, from all sessions. */
export async function learnModel(
  { sessions, vocabulary }: Dataset,
  judgement: Judgement | null,
  options: NetworkOptions,
): Promise<{ parts: ModelParts; maximumLength: number; recipe: object; loss: number }> {
  const itemCount = vocabulary.itemIds.length;
  const blend = judgement?.blend ?? neutralBlend;
  let loss = Number.NaN;
  const network = await trainNetwork('training', sessions, itemCount, options, (_, epochLoss) => {
    loss = epochLoss;
    return Promise.resolve();
  });
  return {
    parts: {
      network: exportServingModel(network, itemFactors(itemFeatures(sessions, itemCount), blend.items)),
      neighbours: NeighbourIndex.build(sessions, itemCount, judgement?.neighbours ?? defaultNeighbourSettings),
      blend,
      itemIds: vocabulary.itemIds,
    },
    maximumLength: network.recipe.maximumLength,
    recipe: network.recipe,
    loss,
  };
}

export async function requireUsable(files: ReadonlyMap<string, Uint8Array>, maximumLength: number): Promise<void> {
  try {
    const model = await ScoringModel.open(files, maximumLength, {});
    await model.release();
  } catch (cause) {
    throw new DomainError(
      'internal',
      'export_unusable',
      `The trained model does not work once exported, so it was not stored: ${cause instanceof Error ? cause.message : String(cause)}`,
      {},
      { cause },
    );
  }
}
