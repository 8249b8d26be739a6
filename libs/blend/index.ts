export { decodeBlend, encodeBlend } from './blend-file.js';
export { fitBlend, type BlendCase } from './fit.js';
export { itemFactors, itemFeatures } from './item-features.js';
export { repeatFactors } from './repeat-features.js';
export { neutralBlend, type BlendWeights } from './weights.js';
