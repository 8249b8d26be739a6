export * from './errors.js';
export * from './event.js';
export * from './identifier.js';
export * from './item.js';
export * from './random.js';
export * from './recommendation.js';
export * from './session.js';
