export { simulateShop } from './simulator.js';
export type { SimulatedEvent, SimulatedItem, SimulatedShop, SimulatorOptions } from './simulator.js';
