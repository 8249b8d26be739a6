import { describe, expect, it } from 'vitest';
import { formatProperties, serverSettings } from './server-properties.js';

describe('serverSettings', () => {
  it('listens on the loopback interface alone, on every port given', () => {
    const settings = serverSettings('/data', { CONTROLLER: 20001, PLAINTEXT: 20002, SASL_PLAINTEXT: 20003 }, {});
    expect(settings.listeners).toBe(
      'CONTROLLER://127.0.0.1:20001,PLAINTEXT://127.0.0.1:20002,SASL_PLAINTEXT://127.0.0.1:20003',
    );
    expect(settings['controller.quorum.voters']).toBe('1@127.0.0.1:20001');
    expect(settings['auto.create.topics.enable']).toBe('false');
  });

  it('lets further settings override its own', () => {
    const further = { 'auto.create.topics.enable': 'true', 'message.max.bytes': '5' };
    expect(serverSettings('/data', { CONTROLLER: 20001, PLAINTEXT: 20002 }, further)).toMatchObject(further);
  });
});

describe('formatProperties', () => {
  it('writes a line for each setting', () => {
    expect(formatProperties({ 'node.id': '1', 'process.roles': 'broker,controller' })).toBe(
      'node.id=1\nprocess.roles=broker,controller\n',
    );
  });

  it('escapes what java.util.Properties would read otherwise', () => {
    expect(formatProperties({ path: 'C:\\data', text: ' two\nlines', user: 'Zoë' })).toBe(
      'path=C:\\\\data\ntext=\\ two\\nlines\nuser=Zo\\u00eb\n',
    );
  });
});
