/** Which folder may import which: apps -> feature libraries -> domain. */
const only = (name, from, allowed) => ({
  name,
  comment: `libs/${from} may import only: ${allowed.join(', ') || 'nothing of ours'}`,
  severity: 'error',
  from: { path: `^libs/${from}/`, pathNot: '\\.spec\\.ts$' },
  to: { path: '^(apps|libs|migrations|test)/', pathNot: `^libs/(${[from, ...allowed].join('|')})/` },
});

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'libraries-by-their-door',
      comment: 'Import another library by its name (#graph), that is its index.ts',
      severity: 'error',
      from: { path: '^libs/([^/]+)/' },
      to: { path: '^libs/', pathNot: ['^libs/$1/', '^libs/[^/]+/index\\.ts$'] },
    },
    {
      name: 'apps-and-tests-by-the-door',
      severity: 'error',
      from: { path: '^(apps|test|migrations)/' },
      to: { path: '^libs/', pathNot: '^libs/[^/]+/index\\.ts$' },
    },
    {
      name: 'libs-never-import-apps',
      severity: 'error',
      from: { path: '^libs/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^(apps|test)/' },
    },
    {
      name: 'product-never-imports-tests',
      severity: 'error',
      from: { path: '^apps/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^test/' },
    },
    only('domain-is-alone', 'domain', []),
    only('graph-is-alone', 'graph', ['domain']),
    only('evaluation-is-pure', 'evaluation', ['domain']),
    only('lstm-needs-graph', 'lstm', ['domain', 'graph']),
    only('neighbours-are-alone', 'neighbours', ['domain']),
    only('blend-is-alone', 'blend', ['domain']),
    only('scoring-apart-from-training', 'scoring', ['domain', 'blend', 'neighbours', 'registry']),
    only('local-kafka-is-apart', 'local-kafka', ['domain', 'platform']),
    only('attribution-is-apart', 'attribution', ['domain', 'platform']),
    only('kafka-is-a-port', 'kafka', ['domain', 'platform']),
    {
      name: 'kafkajs-behind-its-port',
      comment: 'Use #kafka: nothing else knows which client is behind it',
      severity: 'error',
      from: { pathNot: '^libs/kafka/' },
      to: { path: '(^|/)node_modules/kafkajs/' },
    },
    only('training-apart-from-serving', 'recommender', [
      'domain',
      'platform',
      'registry',
      'scoring',
      'sessions',
      'catalog',
      'events',
    ]),
    {
      name: 'no-undeclared-packages',
      severity: 'error',
      from: { path: '^(apps|libs|migrations)/', pathNot: '\\.spec\\.ts$' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'] },
    },
    { name: 'not-resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { conditionNames: ['source', 'import', 'node', 'default'], exportsFields: ['exports'] },
    doNotFollow: { path: 'node_modules' },
  },
};
