import type { CatalogueItem } from '#catalog';

/** An item of which nothing is known. */
export const bareItem: CatalogueItem = {
  itemId: 'bare',
  title: null,
  url: null,
  imageUrl: null,
  price: null,
  currency: null,
  categories: [],
  available: true,
  availableFrom: null,
  availableUntil: null,
  attributes: {},
};
