/** Node's module hooks for `typescript.mjs`; they run in a thread of their own. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const configuration = ts.readConfigFile(
  fileURLToPath(new URL('../../tsconfig.json', import.meta.url)),
  ts.sys.readFile,
);
const { options } = ts.convertCompilerOptionsFromJson(configuration.config.compilerOptions, '.');

export function resolve(specifier, context, next) {
  const fromSource = context.parentURL?.endsWith('.ts') && specifier.startsWith('.');
  return next(fromSource ? specifier.replace(/\.js$/, '.ts') : specifier, context);
}

export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const path = fileURLToPath(url);
  const { outputText } = ts.transpileModule(await readFile(path, 'utf8'), {
    fileName: path,
    compilerOptions: { ...options, module: ts.ModuleKind.ESNext, inlineSourceMap: true, sourceMap: false },
  });
  return { format: 'module', source: outputText, shortCircuit: true };
}
