export { Graph, singleOutput, type ElementType, type Value } from './graph.js';
export { gradients } from './gradients.js';
export * from './operators/arithmetic.js';
export * from './operators/indexing.js';
export * from './operators/layout.js';
export * from './operators/linear.js';
export * from './operators/functions.js';
export { GraphError, dimensionAt, fixedDimension, type Dimension, type Shape } from './shape.js';
export { matMulOperations, readConstants, serialise, type FileConstant } from './serialise.js';
