import { describe, expect, it } from 'vitest';
import { parseJavaProperties } from './java.js';

const printed = (version: string, home: string): string =>
  `Property settings:\n    java.home = ${home}\n    java.io.tmpdir = /tmp\n    java.specification.version = ${version}\n` +
  `    java.version = 1.2.3\nopenjdk version "1.2.3"\n`;

describe('parseJavaProperties', () => {
  it('reads version and folder', () => {
    expect(parseJavaProperties(printed('17', '/usr/lib/jvm/java-17'))).toEqual({
      version: 17,
      home: '/usr/lib/jvm/java-17',
    });
  });

  it('knows that Java 8 calls itself 1.8, and takes a path with spaces and Windows line ends', () => {
    const text = printed('1.8', 'C:\\Program Files\\Java\\jre').replaceAll('\n', '\r\n');
    expect(parseJavaProperties(text)).toEqual({ version: 8, home: 'C:\\Program Files\\Java\\jre' });
  });

  it('takes nothing else for Java', () => {
    expect(parseJavaProperties('The operation could not be completed. Unable to locate a Java Runtime.')).toBe(
      undefined,
    );
  });
});
