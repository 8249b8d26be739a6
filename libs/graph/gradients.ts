import type { Graph, Value } from './graph.js';
import { GraphError, printShape, sameShape, sizeOf } from './shape.js';
import { add } from './operators/arithmetic.js';
import { zeros } from './operators/layout.js';

/**
 * Reverse-mode derivative: adds the nodes that compute d loss / d value for each of `values` to the loss's graph; zeros
 * where the loss does not depend on the value.
 * @param loss a value with one element
 * @throws GraphError if the loss has more than one element
 */
export function gradients(loss: Value, values: readonly Value[]): readonly Value[] {
  const { graph } = loss;
  if (sizeOf('gradients', loss.shape) !== 1)
    throw new GraphError('gradients', 'the loss must be one number', [loss.shape]);
  const found = new Map<Value, Value>([[loss, graph.constant(Float32Array.of(1), loss.shape)]]);
  const needed = dependants(graph, values);
  graph.withoutTape(() => {
    for (const entry of graph.tape.toReversed()) {
      const outputGradients = entry.outputs.map((output) => found.get(output));
      if (!entry.outputs.some((output) => needed.has(output)) || outputGradients.every((g) => g === undefined))
        continue;
      const inputGradients = entry.rule(outputGradients);
      entry.inputs.forEach((input, i) => {
        const gradient = inputGradients[i];
        if (!gradient || !needed.has(input)) return;
        if (!sameShape(gradient.shape, input.shape))
          throw new GraphError(
            'gradients',
            `${input.name} ${printShape(input.shape)} got ${printShape(gradient.shape)}`,
          );
        const before = found.get(input);
        found.set(input, before ? add(before, gradient) : gradient);
      });
    }
  });
  return values.map((value) => found.get(value) ?? zeros(graph, value.shape));
}

/** The values and everything computed from them. */
function dependants(graph: Graph, values: readonly Value[]): ReadonlySet<Value> {
  const reached = new Set(values);
  for (const { inputs, outputs } of graph.tape)
    if (inputs.some((input) => reached.has(input))) for (const output of outputs) reached.add(output);
  return reached;
}
